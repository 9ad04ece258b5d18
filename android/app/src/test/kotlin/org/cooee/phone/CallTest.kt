package org.cooee.phone

import android.Manifest
import android.content.Intent
import android.provider.Settings
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import org.cooee.model.Action
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Security
import org.cooee.phone.call.CallActivity
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** The screens of calls. */
@RunWith(RobolectricTestRunner::class)
class CallTest {
    @Before
    fun allowMicrophone() = shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)

    @Test
    fun `a button shows if and only if its action is allowed`() {
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        val buttons =
            mapOf(
                R.id.answer to setOf(Action.ANSWER),
                R.id.decline to setOf(Action.DECLINE),
                R.id.hang_up to setOf(Action.HANG_UP),
                R.id.hold to setOf(Action.HOLD, Action.RESUME),
                R.id.mute to setOf(Action.MUTE, Action.UNMUTE),
                R.id.keys to setOf(Action.DIGIT),
                R.id.transfer to setOf(Action.TRANSFER),
            )
        val sets =
            Action.entries.map { setOf(it) } + listOf(emptySet(), setOf(Action.ANSWER, Action.DECLINE)) +
                Action.entries.map { Action.entries.toSet() - it - Action.ANSWER }
        for (allowed in sets) {
            app.fake.change(call) { it.copy(allowed = allowed) }
            idle()
            for ((id, actions) in buttons) {
                val view = activity.find<View>(id)
                assertEquals("$allowed ${view.resources.getResourceEntryName(id)}", allowed.any { it in actions }, view.isShown)
            }
        }
    }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `a call is answered, muted, held and ended by touches`() {
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        listOf(R.id.answer, R.id.mute, R.id.mute, R.id.hold, R.id.hold, R.id.hang_up).forEach(activity::touch)
        assertEquals(
            listOf("ANSWER", "MUTE", "UNMUTE", "HOLD", "RESUME", "HANG_UP").map { "$it $call" },
            app.fake.told.filter { it.endsWith(" $call") },
        )
        assertTrue(activity.find<View>(R.id.again).isShown)
        assertEquals("You hung up.", activity.find<TextView>(R.id.state).text)
    }

    @Test
    fun `security has the house's four words and a padlock only from end to end on`() {
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        val words =
            mapOf(
                Security.NONE to "not encrypted",
                Security.TO_SERVERS to "encrypted to the servers",
                Security.END_TO_END to "encrypted end to end",
                Security.VERIFIED to "verified",
            )
        for ((security, says) in words) {
            app.fake.change(call) { it.copy(state = CallState.ACTIVE, allowed = setOf(Action.HANG_UP), security = security) }
            idle()
            assertEquals(says, activity.find<TextView>(R.id.security).text)
        }
    }

    @Test
    fun `what is wrong is said in words, and what flows is measured`() {
        val call = app.fake.ring(People.BEN)
        app.fake.change(call) { People.spoken(it).copy(verdicts = listOf(Phrase("one_way_cause_not_heard")), rate = 8_400) }
        val activity = calls().get()
        assertEquals("They may not hear you.", activity.find<TextView>(R.id.verdict).text)
        assertEquals("8.4 kB/s", activity.find<TextView>(R.id.rate).text)
    }

    @Test
    fun `a second call is taken by holding or by ending the first, or declined`() {
        val first = app.fake.ring(People.BEN)
        app.fake.change(first, People::spoken)
        val second = app.fake.ring(People.CLEO)
        val activity = calls().get()
        assertEquals("Hold and answer", activity.find<TextView>(R.id.answer).text)
        assertTrue(activity.find<View>(R.id.decline).isShown)
        activity.touch(R.id.end_answer)
        assertTrue("answerEndingOthers $second" in app.fake.told)
        assertFalse(activity.find<View>(R.id.end_answer).isShown)
    }

    @Test
    fun `the call on hold is gone back to`() {
        val first = app.fake.ring(People.BEN)
        app.fake.change(first) {
            People.spoken(it).copy(state = CallState.HELD, heldByUs = true, allowed = setOf(Action.RESUME, Action.HANG_UP))
        }
        val second = app.fake.ring(People.CLEO)
        app.fake.change(second, People::spoken)
        val activity = calls().get()
        assertEquals("Cleo Marchetti", activity.find<TextView>(R.id.name).text)
        activity.touch(R.id.swap)
        assertTrue("RESUME $first" in app.fake.told)
    }

    @Test
    fun `the way back to the calls names the one in front, and nobody who withholds the name`() {
        val first = app.fake.ring(People.BEN) { it.copy(anonymous = true) }
        app.fake.change(first, People::spoken)
        val home = home().get()
        val says = { home.find<TextView>(R.id.return_bar).text.toString() }
        assertTrue(says(), "Number withheld" in says())
        app.fake.ring(People.CLEO)
        idle()
        assertTrue(says(), "Cleo Marchetti" in says())
    }

    @Test
    fun `digits are sent by the keypad`() {
        val call = app.fake.ring(People.BEN)
        app.fake.change(call, People::spoken)
        val activity = calls().get()
        activity.touch(R.id.keys)
        (activity.find<ViewGroup>(R.id.keypad).getChildAt(4) as View).performClick()
        assertTrue("digit $call 5" in app.fake.told)
    }

    @Test
    fun `answering from the notification asks for the microphone, and without it one can listen`() {
        shadowOf(app).denyPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.ring(People.BEN)
        val controller = Robolectric.buildActivity(CallActivity::class.java, CallActivity.answer(app, call)).setup()
        idle()
        assertFalse("ANSWER $call" in app.fake.told)
        val asked = checkNotNull(shadowOf(controller.get()).lastRequestedPermission)
        assertEquals(listOf(Manifest.permission.RECORD_AUDIO), asked.requestedPermissions.toList())
        controller.get().onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, intArrayOf(-1))
        idle()
        assertTrue("ANSWER $call" in app.fake.told)
        assertTrue(controller.get().find<TextView>(R.id.verdict).text.startsWith("You can listen."))
    }

    @Test
    fun `whoever is not heard can allow the microphone in the call, also where the system asks no more`() {
        shadowOf(app).denyPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.ring(People.BEN)
        app.fake.change(call, People::spoken)
        val controller = calls()
        val activity = controller.get()
        activity.touch(R.id.speak)
        val asked = checkNotNull(shadowOf(activity).lastRequestedPermission)
        activity.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, intArrayOf(-1))
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, checkNotNull(shadowOf(app).nextStartedActivity).action)
        controller.pause().stop()
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.fake.change(call) { it.copy(rate = 9_000) }
        idle()
        controller.start().resume()
        idle()
        assertFalse(activity.find<View>(R.id.speak).isShown || activity.find<View>(R.id.verdict).isShown)
        assertTrue("the sound is opened anew", "routeChanged" in app.fake.told)
    }

    @Test
    fun `a touch that comes late, or the list of recent apps, answers no other call`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.ring(People.BEN)
        Robolectric.buildActivity(CallActivity::class.java, CallActivity.answer(app, call + 1)).setup()
        val again = CallActivity.answer(app, call).addFlags(Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY)
        Robolectric.buildActivity(CallActivity::class.java, again).setup()
        idle()
        assertFalse("ANSWER $call" in app.fake.told)
        Robolectric.buildActivity(CallActivity::class.java, CallActivity.answer(app, call)).setup()
        idle()
        assertTrue("ANSWER $call" in app.fake.told)
    }

    @Test
    fun `who rings aloud is in front of who asks without a sound`() {
        app.fake.ring(People.CLEO) { it.copy(introduction = Introduction()) }
        app.fake.ring(People.BEN)
        assertTrue(People.BEN.name.orEmpty() in calls().get().find<TextView>(R.id.name).text)
    }

    @Test
    fun `a stranger says who it is and what for, and is allowed or blocked while it asks`() {
        val call = app.fake.ring(People.CLEO) { it.copy(introduction = Introduction("example.net", "About the piano")) }
        val activity = calls().get()
        val said = activity.find<TextView>(R.id.introduction_text).text.toString()
        assertTrue(said, said.startsWith("About the piano\nProven by ") && "example.net" in said)
        activity.touch(R.id.allow)
        activity.touch(R.id.block)
        assertEquals(listOf("allow", "block").map { "$it ${People.CLEO.address}" }, app.fake.told.takeLast(2))
        app.fake.change(call) { it.copy(introduction = null) }
        idle()
        assertFalse(activity.find<View>(R.id.introduction).isShown)
    }

    @Test
    fun `in place of an answer a message is written, and the call is declined`() {
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        activity.touch(R.id.message)
        checkNotNull(ShadowAlertDialog.getLatestAlertDialog().listView).performItemClick(null, 1, 1)
        idle()
        assertTrue("message ${People.BEN.address}" in app.fake.told && "DECLINE $call" in app.fake.told)
        app.fake.ring(People.BEN) { it.copy(isTest = true) }
        idle()
        assertFalse(activity.find<View>(R.id.message).isShown)
        assertEquals("Your test: this phone rings", activity.find<TextView>(R.id.state).text)
    }

    @Test
    fun `what is written to one who has given up goes to nobody who rings meanwhile`() {
        val first = app.fake.ring(People.BEN)
        val activity = calls().get()
        activity.touch(R.id.message)
        val dialog = checkNotNull(ShadowAlertDialog.getLatestAlertDialog())
        app.fake.end(first)
        app.fake.ring(People.CLEO)
        idle()
        checkNotNull(dialog.listView).performItemClick(null, 1, 1)
        idle()
        assertTrue(app.fake.told.none { it.startsWith("message") || it.startsWith("DECLINE") })
    }

    @Test
    fun `who rings is not shown by the name and picture of who was in front before`() {
        FakeContacts.of(FakeContact(1, "Mother", listOf(People.BEN.address)))
        val first = app.fake.ring(People.BEN)
        val activity = calls().get()
        waitUntil("the contact is found") { "Mother" in activity.find<TextView>(R.id.name).text }
        app.fake.end(first)
        app.fake.ring(People.CLEO)
        idle()
        assertFalse("Mother" in activity.find<TextView>(R.id.name).text)
    }

    @Test
    fun `hostile names neither turn the text around nor fill the screen`() {
        app.fake.ring(Person("x@example.org", "\u202Eevil\n" + "a".repeat(10_000) + "<b>"))
        val name = calls().get().find<TextView>(R.id.name).text.toString()
        assertTrue(name.length <= 80 && '\u202E' !in name && '\n' !in name)
    }
}
