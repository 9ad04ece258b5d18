package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.provider.Settings
import android.view.View
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import kotlinx.coroutines.flow.update
import org.cooee.model.Action
import org.cooee.model.Condition
import org.cooee.model.Mend
import org.cooee.model.Phrase
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.Again
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.says
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** What the person or the system does not allow: words, a way on, and nothing that is done twice. */
@RunWith(RobolectricTestRunner::class)
class DeniedTest {
    @Before
    fun furnish() = People.furnish(app.fake)

    /** What was asked for last. */
    private fun asked(activity: Activity) = checkNotNull(shadowOf(activity).lastRequestedPermission).requestedPermissions.single()

    private fun decide(
        activity: Activity,
        permission: String = asked(activity),
        granted: Boolean = false,
    ): String {
        activity.onRequestPermissionsResult(0, arrayOf(permission), intArrayOf(if (granted) 0 else -1))
        idle()
        return permission
    }

    private fun explain(
        permission: String,
        explains: Boolean,
    ) = shadowOf(app.packageManager).setShouldShowRequestPermissionRationale(permission, explains)

    @Test
    fun `with nothing allowed every screen opens and has words`() {
        for (place in PLACES) {
            val controller = home(place)
            assertEquals(place, controller.get().place)
            // The tabs below it have words anyhow.
            val words = controller.get().find<View>(R.id.screen).all().filterIsInstance<TextView>().filter { it.isShown && it.length() > 3 }
            assertTrue("$place", words.isNotEmpty())
            controller.pause().stop().destroy()
        }
        val call = app.fake.ring(People.BEN)
        val activity = calls().get()
        assertEquals("Ben Okafor", activity.find<TextView>(R.id.name).text)
        app.fake.change(call, People::spoken)
        idle()
        activity.says("You can listen. They cannot hear you: the microphone is not allowed.")
    }

    @Test
    fun `contacts that were denied are asked for again, denied for good they are allowed on the system's page, and then are there`() {
        val controller = home()
        val home = controller.get()
        explain(Manifest.permission.READ_CONTACTS, true)
        home.touch("Show my contacts")
        assertEquals(Manifest.permission.READ_CONTACTS, decide(home))
        assertNull("it may be asked again", nextPage())
        home.says("Your contacts can stand here. They stay on this phone.")
        explain(Manifest.permission.READ_CONTACTS, false)
        home.touch("Show my contacts")
        decide(home)
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, nextPage())
        controller.pause().stop()
        FakeContacts.of(FakeContact(1, "Mother", listOf("mother@example.org")))
        controller.start().resume()
        waitUntil("they are there") { home.find<ListView>(R.id.list).all().any { it is TextView && it.text == "Mother" } }
    }

    @Test
    fun `what ringing lacks is mended by asking, and where that is of no use on the system's page`() {
        val mends =
            mapOf(
                Mend.NOTIFICATIONS to Manifest.permission.POST_NOTIFICATIONS,
                Mend.MICROPHONE to Manifest.permission.RECORD_AUDIO,
                Mend.FULL_SCREEN to null,
                Mend.BATTERY to null,
            )
        val conditions = mends.keys.map { Condition(Phrase("ring_condition_notifications"), met = false, mend = it) }
        for ((at, mend) in mends.entries.withIndex()) {
            app.fake.status.update { it.copy(conditions = conditions.subList(at, at + 1)) }
            val home = home(Place.Settings).get()
            generateSequence { nextPage() }.toList()
            home.find<View>(R.id.content).all().first { it.id == R.id.button && it.isShown }.performClick()
            idle()
            mend.value?.let { permission ->
                explain(permission, false)
                assertEquals(permission, decide(home))
            }
            val page = checkNotNull(nextPage()) { "$mend leads nowhere" }
            assertEquals(mend.value != null, page == Settings.ACTION_APPLICATION_DETAILS_SETTINGS)
        }
    }

    @Test
    fun `after signing in a denial of notifications leads nowhere else`() {
        app.fake.status.update { it.copy(accounts = emptyList()) }
        val home = home().get()
        home.find<EditText>(R.id.address).setText("anna@example.org")
        home.touch(R.id.sign_in)
        app.fake.status.value =
            TestApp.SIGNED_IN.copy(accounts = app.fake.status.value.accounts.map { it.copy(state = TestApp.ANNA.state) })
        idle()
        generateSequence { nextPage() }.toList()
        assertEquals(Manifest.permission.POST_NOTIFICATIONS, decide(home))
        assertNull(nextPage())
        assertEquals(Place.People, home.place)
    }

    /** What was opened, but for the system's question. */
    private fun nextPage(): String? =
        generateSequence { shadowOf(app).nextStartedActivity?.action }.firstOrNull { it != "android.content.pm.action.REQUEST_PERMISSIONS" }

    @Test
    fun `wherever one calls from, a denied microphone lets the call be made once, whatever happened while it was asked for`() {
        FakeContacts.of(FakeContact(1, "Ben Okafor", listOf(People.BEN.address)))
        for ((from, touch) in DIALS) {
            for ((what, meanwhile) in MEANWHILE) {
                val before = touch()
                waitUntil("$from, $what: something is asked for") { shadowOf(before.get()).lastRequestedPermission != null }
                val microphone = asked(before.get())
                assertEquals(from, Manifest.permission.RECORD_AUDIO, microphone)
                val controller = meanwhile(before)
                assertTrue("$from, $what: asked for first", done().isEmpty())
                decide(controller.get(), microphone)
                assertEquals("$from, $what", 1, done().size)
                assertTrue("$from, $what: ${done()}", done().single().startsWith("dial "))
                decide(controller.get(), microphone, granted = true)
                assertEquals("$from, $what: it is over", 1, done().size)
                controller.pause().stop().destroy()
                app.restart()
            }
        }
    }

    @Test
    fun `an answer waits for the microphone across a turn of the phone, and goes to nobody if the call is gone`() {
        for (button in listOf(R.id.answer, R.id.end_answer)) {
            val first = app.fake.ring(People.CLEO)
            if (button == R.id.end_answer) app.fake.change(first) { People.spoken(it) }
            if (button == R.id.end_answer) app.fake.ring(People.BEN)
            val turned = calls().also { it.get().touch(button) }.recreate()
            assertTrue(done().isEmpty())
            decide(turned.get(), Manifest.permission.RECORD_AUDIO)
            assertEquals(1, done().size)
            turned.pause().stop().destroy()
            app.restart()
            val call = app.fake.ring(People.BEN)
            val gone = calls().also { it.get().touch(R.id.answer) }
            assertTrue(Action.ANSWER in app.fake.calls.value.single { it.id == call }.allowed)
            assertTrue(Again.AFTER_DEATH.of(gone).get().isFinishing)
            app.restart()
        }
    }

    private fun done() = app.fake.told.filter { told -> listOf("dial", "ANSWER", "answer").any(told::startsWith) }

    private companion object {
        val BEN = Place.Contact(People.BEN.address, People.BEN.name)
        val PLACES =
            Place.TABS + listOf(Place.SignIn, Place.MyAddress, Place.Requests, BEN, Place.Story(4), Place.Safety(BEN.address, BEN.name))

        fun list(place: Place) =
            home(place).also { controller ->
                waitUntil("it is there") { button(controller.get()) != null }
                button(controller.get())?.performClick()
            }

        fun button(activity: Activity) =
            activity.find<ListView>(R.id.list).run { getChildAt(childCount - 1) }?.findViewById<View>(R.id.call)?.takeIf { it.isShown }

        /** All there is to call somebody by. */
        val DIALS: Map<String, () -> ActivityController<out Activity>> =
            mapOf(
                "the dial field" to {
                    home().also {
                        it.get().find<EditText>(R.id.field).setText("ben@example.org")
                        idle()
                        it.get().touch(R.id.call)
                    }
                },
                "a contact" to { list(Place.People) },
                "a past call" to { list(Place.Recents) },
                "the page of somebody" to {
                    home(BEN).also { controller ->
                        val call = { controller.get().find<View>(R.id.content).findViewById<View>(R.id.call) }
                        waitUntil("the page is there") { call()?.isShown == true }
                        call()?.performClick()
                    }
                },
                "the story of a call" to { home(Place.Story(4)).also { it.get().touch("Call again") } },
                "the end of a call" to {
                    app.fake.ring(People.BEN)
                    calls().also { controller ->
                        app.fake.end(app.fake.calls.value.single().id)
                        idle()
                        controller.get().touch(R.id.again)
                    }
                },
                "a notification" to
                    { buildActivity(CallActivity::class.java, CallActivity.call(app, People.BEN.address)).setup().also { idle() } },
            )

        val MEANWHILE: Map<String, (ActivityController<out Activity>) -> ActivityController<out Activity>> =
            mapOf(
                "nothing" to { it },
                "it is touched again" to { it.also { it.get().onRequestPermissionsResult(0, emptyArray(), intArrayOf()) } },
                "turned" to { Again.TURNED.of(it) },
                "after the end of the process" to { Again.AFTER_DEATH.of(it) },
            )
    }
}
