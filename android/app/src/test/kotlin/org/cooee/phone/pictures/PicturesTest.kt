package org.cooee.phone.pictures

import android.Manifest
import android.app.Activity
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.EditText
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Moment
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Side
import org.cooee.model.Understanding
import org.cooee.model.Why
import org.cooee.phone.R
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Every screen by day, by night, from right to left, in large type and lying, compared with the pictures that people have looked at. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class PicturesTest(
    private val screen: String,
    private val look: String,
) {
    @Test
    fun `looks as it was approved`() {
        dress()
        People.furnish(app.fake)
        val name = "$screen-$look"
        val difference = Picture.difference(Picture.take(checkNotNull(SCREENS[screen])(), name), name)
        assertTrue(
            "$name has ${"%.2f".format(difference * 100)} % other pixels; look at it, then ./x pictures keeps it",
            difference <= MOST,
        )
    }

    private fun dress() {
        val qualifiers =
            when (look) {
                "dark" -> "+night"
                "arabic" -> "+ar-ldrtl"
                "german" -> "+de"
                "landscape" -> "+w800dp-h360dp-land"
                else -> ""
            }
        if (qualifiers.isNotEmpty()) RuntimeEnvironment.setQualifiers(qualifiers)
        if (look == "large") RuntimeEnvironment.setFontScale(2f)
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
    }

    companion object {
        /** Other machines may smooth an edge otherwise. */
        private const val MOST = 0.001

        private val SCREENS: Map<String, () -> Activity> =
            mapOf(
                "sign-in" to { signIn(failed = false) },
                "sign-in-failed" to { signIn(failed = true) },
                "people" to { people() },
                "people-typed" to { typed() },
                "recents" to { home(Place.Recents).get() },
                "story" to { home(Place.Story(4)).get().apply { touchDetails() } },
                "settings" to { home(Place.Settings).get() },
                "contact" to
                    { People.contacts().let { home(Place.Contact(People.BEN.address, People.BEN.name, 1)).get() }.also { settle() } },
                "my-address" to { home(Place.MyAddress).get() },
                "requests" to { home(Place.Requests).get() },
                "safety" to { home(Place.Safety(People.BEN.address, People.BEN.name)).get() },
                "call-outgoing" to { outgoing() },
                "call-incoming" to { incoming() },
                "call-stranger" to { stranger() },
                "call-active" to { active() },
                "call-weak" to { weak() },
                "call-second" to { second() },
                "call-keypad" to { active().apply { touch(R.id.keys) } },
                "call-ended" to { ended() },
            )

        private val DARK =
            listOf(
                "sign-in",
                "people",
                "people-typed",
                "recents",
                "story",
                "settings",
                "safety",
                "contact",
                "requests",
                "call-incoming",
                "call-active",
                "call-weak",
                "call-ended",
            )
        private val RIGHT_TO_LEFT =
            listOf("people", "recents", "sign-in", "settings", "contact", "call-incoming", "call-active", "call-second")
        private val LARGE =
            listOf("people", "recents", "sign-in", "settings", "story", "contact", "requests") +
                listOf("call-stranger", "call-incoming", "call-active", "call-second")
        private val LANDSCAPE = listOf("people", "call-incoming", "call-active", "call-second", "sign-in")

        @JvmStatic
        @Parameters(name = "{0} {1}")
        fun all(): List<Array<String>> =
            SCREENS.keys.map { arrayOf(it, "light") } + DARK.map { arrayOf(it, "dark") } +
                RIGHT_TO_LEFT.map { arrayOf(it, "arabic") } + LARGE.map { arrayOf(it, "large") } +
                LANDSCAPE.map { arrayOf(it, "landscape") } +
                listOf("people", "settings").map { arrayOf(it, "german") }

        /** What other threads bring. */
        private fun settle() {
            // Where no line of a contact fits on the screen, none is asked about.
            val end = System.nanoTime() + 2_000_000_000
            while (app.fake.told.none { it.startsWith("reach") } && System.nanoTime() < end) Thread.sleep(5).also { idle() }
            repeat(20) { Thread.sleep(5).also { idle() } }
        }

        private fun signIn(failed: Boolean): Activity {
            app.fake.status.value = app.fake.status.value.copy(accounts = emptyList())
            val home = home().get()
            if (failed) {
                home.find<EditText>(R.id.address).setText("anna@example.org")
                home.find<EditText>(R.id.password).setText("secret")
                home.touch(R.id.sign_in)
                app.fake.status.value =
                    app.fake.status.value.run { copy(accounts = accounts.map { it.copy(state = People.WRONG_PASSWORD) }) }
                idle()
            }
            return home
        }

        private fun people(): Activity {
            People.contacts()
            return home().get().also { settle() }
        }

        private fun typed(): Activity {
            app.fake.understands = { Understanding.Somebody(it, listOf(Phrase("way_sip"), Phrase("remark_any_protocol")), callable = true) }
            return people().apply {
                find<EditText>(R.id.field).setText("cleo@example.net")
                touch(R.id.keys)
                settle()
            }
        }

        private fun Activity.touchDetails() {
            val details = find<View>(R.id.content).let { it as ViewGroup }
            (0 until details.childCount).map { details.getChildAt(it) }.filterIsInstance<Button>().last().performClick()
            idle()
        }

        private fun outgoing(): Activity {
            val call = app.fake.dial(People.BEN.address, null)
            app.fake.change(call) { it.copy(peer = People.BEN, state = CallState.RINGING) }
            return calls().get()
        }

        private fun incoming(): Activity {
            app.fake.ring(People.BEN)
            return calls().get()
        }

        private fun stranger(): Activity {
            val introduction = Introduction("clinic.example", "About your appointment on Friday")
            app.fake.ring(Person("reception@clinic.example", "Clinic reception")) { it.copy(introduction = introduction) }
            return calls().get()
        }

        private fun active(): Activity {
            val call = app.fake.ring(People.BEN)
            app.fake.change(call, People::spoken)
            return calls().get()
        }

        private fun weak(): Activity {
            val call = app.fake.ring(People.BEN)
            app.fake.change(call) { People.spoken(it).copy(muted = true, verdicts = listOf(Phrase("sound_trouble_nothing_arrives"))) }
            return calls().get()
        }

        private fun second(): Activity {
            val call = app.fake.ring(People.BEN)
            app.fake.change(call, People::spoken)
            app.fake.ring(People.CLEO)
            return calls().get()
        }

        private fun ended(): Activity {
            val activity = active()
            app.fake.calls.value = emptyList()
            app.fake.happen(
                Moment.Ended(1, People.BEN, Why(Phrase("end_peer_silent"), Side.THEIRS, Phrase("advice_call_again")), missed = false),
            )
            waitUntil("the end shows") { activity.find<View>(R.id.again).isShown }
            return activity
        }
    }
}
