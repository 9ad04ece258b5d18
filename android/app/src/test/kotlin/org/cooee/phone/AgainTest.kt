package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.view.View
import android.widget.EditText
import android.widget.ListView
import kotlinx.coroutines.flow.update
import org.cooee.model.AccountState
import org.cooee.model.Past
import org.cooee.model.Phrase
import org.cooee.model.Why
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
import org.cooee.phone.stage.seen
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.touchBeside
import org.cooee.phone.stage.waitUntil
import org.cooee.phone.telecom.Route
import org.cooee.phone.telecom.Routes
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowDialog

/** The phone is turned, or the system ends the process behind: one is where one was, and nothing is done twice. */
@RunWith(RobolectricTestRunner::class)
class AgainTest {
    @Before
    fun furnish() {
        People.furnish(app.fake)
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
    }

    @Test
    fun `people are as they were typed and scrolled to`() {
        FakeContacts.of(*Array(300) { FakeContact(it + 1L, "Person %03d".format(it), listOf("person$it@example.org")) })
        unchanged(Place.People) {
            type(R.id.field, "person2")
            touch(R.id.keys)
        }
        unchanged(Place.People) {
            waitUntil("they are there") { find<ListView>(R.id.list).count > 300 }
            find<ListView>(R.id.list).setSelection(150)
        }
    }

    @Test
    fun `the list of calls is as far back as it was read`() {
        app.fake.past = (250L downTo 1).map { Past(it, it, true, People.BEN, why = Why(Phrase("end_hung_up_peer"))) }
        unchanged(Place.Recents) {
            val list = find<ListView>(R.id.list)
            waitUntil("all are read", step = { list.setSelection(list.count - 1).also { idle() } }) { list.count > 200 }
            find<ListView>(R.id.list).setSelection(170)
        }
        unchanged(Place.Recents) { touch(R.id.forget) }
    }

    @Test
    fun `what is being set and read is there`() {
        unchanged(Place.Settings) { touchBeside("Ring for: people you know, and your own domain") }
        unchanged(Place.Settings) { touchBeside(TestApp.ANNA.address) }
        for (place in listOf(Place.Settings, Place.MyAddress, Place.Requests, BEN, Place.Story(4), Place.Safety(BEN.address, BEN.name))) {
            unchanged(place) { scroll() }
        }
        unchanged(Place.Story(4)) {
            touch("Details")
            scroll()
        }
    }

    @Test
    fun `a message is as far as it was written`() {
        unchanged(BEN) {
            touch("Write a message")
            write("See you at")
        }
    }

    @Test
    fun `what is typed to sign in stays, with what the provider gave besides`() {
        app.fake.status.update { it.copy(accounts = emptyList()) }
        unchanged(Place.SignIn) {
            touch(R.id.provider)
            touch(R.id.where)
            val fields = listOf(R.id.address, R.id.password, R.id.proxy, R.id.login, R.id.pin)
            fields.forEach { type(it, "typed $it") }
        }
    }

    @Test
    fun `whoever is on the way in gets in, or learns why not, and does not sign in twice`() {
        for (again in Again.entries) {
            for (state in listOf(TestApp.ANNA.state, People.WRONG_PASSWORD)) {
                app.fake.status.update { it.copy(accounts = emptyList()) }
                val controller = home()
                controller.get().type(R.id.address, "anna@example.org")
                controller.get().touch(R.id.sign_in)
                val other = again.of(controller).also { idle() }
                assertEquals("Signing in", other.get().find<android.widget.Button>(R.id.sign_in).text)
                app.fake.status.update { status -> status.copy(accounts = status.accounts.map { it.copy(state = state) }) }
                idle()
                val place = if (state is AccountState.Ready) Place.People else Place.SignIn
                assertEquals("$again $state", place, other.get().place)
                assertEquals(state is AccountState.Failed, other.get().findViewById<View>(R.id.trouble)?.isShown == true)
                other.pause().stop().destroy()
            }
        }
    }

    @Test
    fun `the way back and what is typed on it are there, too`() {
        for (again in Again.entries) {
            val controller = home()
            controller.get().type(R.id.field, "cleo@example.net")
            controller.get().go(BEN)
            controller.get().go(Place.Safety(BEN.address, BEN.name))
            val other = again.of(controller).also { idle() }
            other.get().back()
            assertEquals(BEN, other.get().place)
            other.get().back()
            assertEquals("cleo@example.net", other.get().find<EditText>(R.id.field).text.toString())
            other.pause().stop().destroy()
        }
    }

    @Test
    fun `turned in a call, its keypad and whatever it asks is open, and asked of the same call`() {
        for ((scene, prepare) in CALL_SCENES) {
            val call = begin(scene)
            unchanged(scene, Again.TURNED, calls(), prepare)
            app.fake.end(call)
            idle()
        }
        val call = begin("transfer")
        val controller = calls()
        CALL_SCENES.getValue("transfer")(controller.get())
        controller.recreate()
        ShadowAlertDialog.getLatestAlertDialog().getButton(android.content.DialogInterface.BUTTON_POSITIVE).performClick()
        idle()
        assertEquals(listOf("transfer $call cleo@"), app.fake.told.filter { it.startsWith("transfer") })
    }

    @Test
    fun `after the end of the process no call is there, nor what it asked, nor a screen with nothing on it`() {
        for ((scene, prepare) in CALL_SCENES) {
            begin(scene)
            val controller = calls()
            prepare(controller.get())
            val other = Again.AFTER_DEATH.of(controller).also { idle() }
            assertTrue(scene, other.get().isFinishing)
            assertTrue(scene, dialogs().isEmpty())
            assertEquals(scene, emptyList<String>(), done())
            other.pause().stop().destroy()
        }
    }

    @Test
    fun `what a notification asked for is done once`() {
        for (again in Again.entries) {
            val call = app.fake.ring(People.BEN)
            val answered = buildActivity(CallActivity::class.java, CallActivity.answer(app, call)).setup().also { idle() }
            assertEquals(listOf("ANSWER $call"), done())
            unchangedDone(again, answered)
            val called = buildActivity(CallActivity::class.java, CallActivity.call(app, BEN.address)).setup().also { idle() }
            assertEquals("dial ${BEN.address}", done().last())
            unchangedDone(again, called)
            app.restart()
        }
    }

    private fun unchangedDone(
        again: Again,
        controller: ActivityController<CallActivity>,
    ) {
        val before = done()
        again.of(controller).pause().stop().destroy()
        idle()
        assertEquals(if (again == Again.TURNED) before else emptyList(), done())
    }

    private fun begin(scene: String): Long {
        val call = app.fake.ring(People.BEN)
        if (scene in WHILE_IT_RINGS) return call
        app.fake.change(call, People::spoken)
        app.phone.telecom.routes.value = Routes(Route.EARPIECE, listOf(Route.EARPIECE, Route.BLUETOOTH))
        return call
    }

    private fun unchanged(
        place: Place,
        prepare: HomeActivity.() -> Unit,
    ) = Again.entries.forEach { unchanged("$place $it", it, home(place), prepare) }

    /** Does what [prepare] says, makes the activity anew, and compares all that is seen and done. */
    private fun <A : Activity> unchanged(
        what: String,
        again: Again,
        controller: ActivityController<A>,
        prepare: A.() -> Unit,
    ) {
        controller.get().prepare()
        settle(controller.get())
        val (before, told) = seen(controller.get()) to done()
        val other = again.of(controller)
        settle(other.get())
        assertEquals(what, before.joinToString("\n"), seen(other.get()).joinToString("\n"))
        assertEquals(what, if (again == Again.TURNED) told else emptyList(), done())
        other.pause().stop().destroy()
        assertTrue("$what: its dialog goes with it", dialogs().isEmpty())
    }

    /** Until nothing else comes to be seen: contacts are read by another thread. */
    private fun settle(activity: Activity) {
        var (last, times) = emptyList<String>() to 0
        waitUntil("it settles", step = { idle().also { Thread.sleep(20) } }) {
            val now = seen(activity)
            times = if (now == last) times + 1 else 0
            last = now
            times >= SETTLED
        }
    }

    /** What the core was told, but for questions and circumstances. */
    private fun done() = app.fake.told.filter { told -> QUIET.none(told::startsWith) }

    private fun dialogs() = ShadowDialog.getShownDialogs().filter { it.isShowing }

    private companion object {
        val BEN = Place.Contact(People.BEN.address, People.BEN.name)
        val QUIET = listOf("reach", "setContacts", "setSurroundings", "see ", "wake", "routeChanged")

        /** So often in a row the same is seen. */
        const val SETTLED = 4

        fun Activity.type(
            id: Int,
            text: String,
        ) = find<EditText>(id).setText(text).also { idle() }

        /** As far as it goes, but not farther than somewhere in the middle. */
        fun Activity.scroll() = find<View>(R.id.scroll).scrollTo(0, 300)

        fun write(text: String) = checkNotNull(ShadowAlertDialog.getLatestAlertDialog().findViewById<EditText>(R.id.field)).setText(text)

        fun choose(at: Int) = checkNotNull(ShadowAlertDialog.getLatestAlertDialog().listView).performItemClick(null, at, at.toLong())

        val WHILE_IT_RINGS = setOf("reply", "message")
        val CALL_SCENES =
            mapOf<String, CallActivity.() -> Unit>(
                "keypad" to { touch(R.id.keys) },
                "details" to { touch(R.id.security) },
                "route" to { touch(R.id.route) },
                "transfer" to { touch(R.id.transfer).also { write("cleo@") } },
                "reply" to { touch(R.id.message) },
                "message" to { touch(R.id.message).also { choose(2) }.also { write("On my") } },
            )
    }
}
