package org.cooee.phone

import android.Manifest
import android.content.pm.PackageManager
import android.view.View
import org.cooee.model.Moment
import org.cooee.model.Phrase
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** Calling somebody: once, or not at all and then nothing is left of it. */
@RunWith(RobolectricTestRunner::class)
class DialTest {
    private fun dialled() = app.fake.told.count { it.startsWith("dial ") }

    @Before
    fun allow() = shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)

    /** Somebody is called back from a notification. */
    private fun callBack() = buildActivity(CallActivity::class.java, CallActivity.call(app, People.BEN.address)).setup().also { idle() }

    @Test
    fun `touched twice somebody is called once, and again once that call is over`() {
        val home = home(Place.Contact(People.BEN)).get()
        idle()
        val call = home.find<View>(R.id.call)
        repeat(2) { call.performClick() }
        idle()
        assertEquals(1, dialled())
        app.fake.end(app.fake.calls.value.single().id)
        idle()
        call.performClick()
        idle()
        assertEquals(2, dialled())
    }

    @Test
    fun `a call back that is refused leaves no empty screen, be it at once or after a while`() {
        app.fake.refusal = Refusal(Phrase("refused_no_such_account"))
        assertTrue(callBack().get().isFinishing)
        app.fake.refusal = null
        val screen = callBack().get()
        assertFalse(screen.isFinishing)
        val call = app.fake.calls.value.single().id
        app.fake.calls.value = emptyList()
        app.fake.happen(Moment.DialRefused(call, Why(Phrase("refused_no_such_account"))))
        idle()
        assertTrue(screen.isFinishing)
    }

    @Test
    fun `a call back that is refused once the microphone was denied leaves none either`() {
        shadowOf(app).denyPermissions(Manifest.permission.RECORD_AUDIO)
        val screen = callBack().get()
        assertFalse("it asks", screen.isFinishing)
        app.fake.refusal = Refusal(Phrase("refused_no_such_account"))
        screen.onRequestPermissionsResult(0, arrayOf(Manifest.permission.RECORD_AUDIO), intArrayOf(PackageManager.PERMISSION_DENIED))
        idle()
        assertTrue(screen.isFinishing)
    }
}
