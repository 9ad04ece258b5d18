package org.cooee.phone

import android.Manifest
import android.app.Dialog
import android.content.pm.PackageManager
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.provider.Settings
import android.view.SurfaceView
import android.widget.TextView
import org.cooee.phone.contact.Scanner
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.says
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowDialog
import org.robolectric.shadows.ShadowSurfaceView
import org.robolectric.shadows.ShadowToast

/** Two phones, one of which looks at the other's screen. */
@RunWith(RobolectricTestRunner::class)
class ScannerTest {
    private val cameras = shadowOf(app.service<CameraManager>())
    private val home by lazy { home(Place.Safety(People.BEN.address, People.BEN.name)).get() }

    @Before
    fun furnish() {
        People.furnish(app.fake)
        app.fake.theirCode = "COOEE1:THEIRS:OURS"
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_CAMERA_ANY, true)
        val back = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(back).set(CameraCharacteristics.LENS_FACING, CameraCharacteristics.LENS_FACING_BACK)
        cameras.addCamera("0", back)
    }

    /** Asks to scan, and is asked for the camera. */
    private fun ask(isGranted: Boolean) {
        home.touch("Scan their code")
        val asked = checkNotNull(shadowOf(home).lastRequestedPermission)
        assertEquals(listOf(Manifest.permission.CAMERA), asked.requestedPermissions.toList())
        if (isGranted) shadowOf(app).grantPermissions(Manifest.permission.CAMERA)
        home.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, intArrayOf(if (isGranted) 0 else -1))
        idle()
    }

    /** The picture of the camera is on the screen. */
    private fun look(): Scanner {
        val holder = checkNotNull(dialog.findViewById<SurfaceView>(R.id.preview)?.holder) as ShadowSurfaceView.FakeSurfaceHolder
        val scanner = holder.callbacks.filterIsInstance<Scanner>().single()
        scanner.surfaceCreated(holder)
        idle()
        return scanner
    }

    private val dialog: Dialog get() = checkNotNull(ShadowDialog.getLatestDialog())

    private fun scan(code: String?) {
        val scanner = look()
        app.fake.seen = code
        scanner.see(ByteArray(16), 4, 4, 4)
        idle()
    }

    @Test
    fun `their code on their screen verifies them`() {
        ask(isGranted = true)
        scan("COOEE1:THEIRS:OURS")
        assertFalse(dialog.isShowing)
        home.says("verified")
    }

    @Test
    fun `another code is said to be another, and something else to be none`() {
        ask(isGranted = true)
        scan("https://example.org")
        assertEquals("That is no code for this", ShadowToast.getTextOfLatestToast())
        home.touch("Scan their code")
        scan("COOEE1:MALLORY:OURS")
        val texts = checkNotNull(home.window).decorView.all().filterIsInstance<TextView>().map { it.text.toString() }
        assertTrue("$texts", texts.any { "shows something else" in it })
        home.says("We see the same words")
    }

    @Test
    fun `while there is no code in the picture, it is looked for`() {
        ask(isGranted = true)
        scan(null)
        assertTrue(dialog.isShowing)
        dialog.dismiss()
        idle()
        assertFalse(dialog.isShowing)
    }

    @Test
    fun `where the camera is denied for good, the system's page opens, and the words are still there`() {
        ask(isGranted = false)
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, checkNotNull(shadowOf(app).nextStartedActivity).action)
        assertNull(ShadowDialog.getLatestDialog())
        home.says("We see the same words")
    }

    @Test
    fun `a camera that cannot be used is said to be so, and without one nothing is offered`() {
        ask(isGranted = true)
        look()
        cameras.triggerDisconnect()
        idle()
        assertFalse(dialog.isShowing)
        assertEquals("The camera cannot be used now", ShadowToast.getTextOfLatestToast())
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_CAMERA_ANY, false)
        val other = home(Place.Safety(People.BEN.address, People.BEN.name)).get()
        assertTrue(checkNotNull(other.window).decorView.all().none { it is TextView && it.text.toString() == "Scan their code" })
    }
}
