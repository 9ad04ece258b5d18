package org.cooee.phone

import android.Manifest
import android.app.KeyguardManager
import android.view.View
import android.widget.EditText
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.phone.call.CallActivity
import org.cooee.phone.rules.Sources
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowDialog
import javax.xml.parsers.DocumentBuilderFactory

/** Over the lock screen: anybody who holds the phone may answer, and nobody but its owner may speak in their name or decide for later. */
@RunWith(RobolectricTestRunner::class)
class LockTest {
    private val keyguard = shadowOf(app.service<KeyguardManager>())

    @Before
    fun lock() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        keyguard.setKeyguardLocked(true)
    }

    /** The owner has opened the lock screen, if it was asked for. */
    private fun unlock() {
        keyguard.setKeyguardLocked(false)
        idle()
    }

    private fun told(what: String) = app.fake.told.filter { it.startsWith(what) }

    @Test
    fun `a call is answered, muted, held, dialled digits in and ended`() {
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        listOf(R.id.answer, R.id.mute, R.id.hold, R.id.hold, R.id.keys).forEach(activity::touch)
        activity.find<View>(R.id.keypad).all()[1].performClick()
        activity.touch(R.id.hang_up)
        val done = listOf("ANSWER", "MUTE", "HOLD", "RESUME", "HANG_UP").map { "$it $call" } + "digit $call 1"
        assertEquals(emptyList<String>(), done - app.fake.told.toSet())
    }

    @Test
    fun `without the microphone it is answered all the same, to listen`() {
        shadowOf(app).denyPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        activity.touch(R.id.answer)
        assertTrue("ANSWER $call" in app.fake.told)
        assertNull(shadowOf(activity).lastRequestedPermission)
        assertTrue(activity.find<View>(R.id.verdict).isShown)
    }

    @Test
    fun `strangers are allowed and blocked once it is open, and only who was meant`() {
        app.fake.ring(People.CLEO) { it.copy(introduction = Introduction()) }
        val activity = calls().get()
        activity.touch(R.id.allow)
        assertEquals(emptyList<String>(), told("allow"))
        unlock()
        assertEquals(listOf("allow ${People.CLEO.address}"), told("allow"))
        lock()
        activity.touch(R.id.block)
        app.fake.end(1)
        app.fake.ring(People.BEN)
        unlock()
        assertEquals("who was meant has gone", emptyList<String>(), told("block"))
    }

    @Test
    fun `a reply is one of those that are there, and is typed only by the owner`() {
        app.fake.ring(People.BEN)
        val activity = calls().get()
        val touch = { at: Int -> checkNotNull(ShadowAlertDialog.getLatestAlertDialog().listView).performItemClick(null, at, at.toLong()) }
        activity.touch(R.id.message)
        touch(2)
        idle()
        val field = { ShadowDialog.getLatestDialog()?.window?.decorView?.all()?.firstOrNull { it is EditText && it.isShown } }
        assertNull(field())
        unlock()
        assertNotNull(field())
        lock()
        activity.touch(R.id.message)
        touch(0)
        idle()
        assertEquals(listOf("message ${People.BEN.address}"), told("message"))
    }

    @Test
    fun `what was typed before the phone was locked is not sent by who picks it up`() {
        unlock()
        app.fake.change(app.fake.ring(People.BEN), People::spoken)
        calls().get().touch(R.id.transfer)
        lock()
        checkNotNull(ShadowAlertDialog.getLatestAlertDialog().getButton(-1)).performClick()
        idle()
        assertEquals(emptyList<String>(), told("transfer"))
        unlock()
        assertEquals(1, told("transfer").size)
    }

    @Test
    fun `nobody is handed over, followed or called anew, and nothing else of the app is opened`() {
        val call = app.fake.ring(People.BEN)
        app.fake.change(call) { People.spoken(it).copy(state = CallState.ACTIVE) }
        val activity = calls().get()
        activity.touch(R.id.transfer)
        activity.touch(R.id.add)
        assertNull(ShadowAlertDialog.getLatestAlertDialog())
        assertNull(shadowOf(activity).nextStartedActivity)
        activity.touch(R.id.hang_up)
        activity.touch(R.id.why)
        activity.touch(R.id.again)
        assertNull(shadowOf(activity).nextStartedActivity)
        buildActivity(CallActivity::class.java, CallActivity.call(app, People.CLEO.address)).setup()
        idle()
        assertEquals(emptyList<String>(), told("dial"))
        unlock()
        assertEquals(listOf("dial ${People.CLEO.address}"), told("dial"))
    }

    @Test
    fun `only calls show over it`() {
        val manifest = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Sources.manifest).getElementsByTagName("activity")
        val activities = (0 until manifest.length).map { checkNotNull(manifest.item(it).attributes) }
        val over = activities.filter { it.getNamedItem("android:showWhenLocked") != null }.map { it.getNamedItem("android:name").nodeValue }
        assertEquals(listOf(".call.CallActivity"), over)
        assertTrue(Sources.kotlin.none { "setShowWhenLocked" in it.readText() || "FLAG_SHOW_WHEN_LOCKED" in it.readText() })
    }
}
