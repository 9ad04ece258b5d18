package org.cooee.phone.real

import android.widget.EditText
import org.cooee.model.CallState
import org.cooee.phone.R
import org.cooee.phone.all
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Cooee
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.robolectric.shadows.ShadowAlertDialog

/** Calls beside calls, calls handed over, and calls of which nothing comes. */
class TwoCallsTest : RealTest() {
    @Test
    fun `a second call waits, is answered while the first is held, and the first is gone back to`() =
        withOthers { ben, cleo ->
            val screen = speakWith(ben)
            cleo.dial("anna@cooee.test")
            screen.untilSays(R.id.name, "cleo@cooee.test")
            assertEquals("Hold and answer", screen.says(R.id.answer))
            screen.touch(R.id.answer)
            ben.untilState("held-by-them")
            cleo.untilState("active")
            val wanted = mapOf("ben@cooee.test" to CallState.HELD, "cleo@cooee.test" to CallState.ACTIVE)
            waitUntil("one is spoken in, one is held") { app.phone.core.calls.value.associate { it.peer.address to it.state } == wanted }
            assertEquals("cleo@cooee.test", screen.says(R.id.name))
            screen.touch(R.id.swap)
            cleo.untilState("held-by-them")
            ben.untilState("active")
            screen.untilSays(R.id.name, "ben@cooee.test")
            screen.touch(R.id.hang_up)
            ben.until("the end") { it.optString("reason") == "hung-up.peer" }
            screen.untilSays(R.id.name, "cleo@cooee.test")
            cleo.obey("hang_up")
            screen.untilSays(R.id.state, "The other side hung up.")
        }

    @Test
    fun `a call is handed over to a third phone, and they speak`() =
        withOthers { ben, cleo ->
            val screen = speakWith(ben)
            screen.touch(R.id.transfer)
            val dialog = checkNotNull(ShadowAlertDialog.getLatestAlertDialog())
            val field = checkNotNull(dialog.window).decorView.all().filterIsInstance<EditText>().single()
            field.setText("cleo@cooee.test")
            checkNotNull(dialog.getButton(android.app.AlertDialog.BUTTON_POSITIVE)).performClick()
            idle()
            ben.until("it is asked") { it.optString("event") == "transfer-asked" && it.optString("state") == "open" }
            ben.obey("follow_transfer")
            cleo.untilState("ringing")
            cleo.obey("answer")
            cleo.untilState("active")
            screen.untilSays(R.id.state, "The call was handed over.")
        }

    @Test
    fun `who declines, who is not there and who does not exist is each said in words, on the screen and in the story`() =
        withOthers { ben, cleo ->
            val declined = call("ben@cooee.test")
            ben.untilState("ringing")
            ben.obey("decline")
            assertTold(declined, "The other side declined the call.")
            cleo.obey("quit")
            cleo.end()
            assertTold(call("cleo@cooee.test"), "None of the other side’s phones is reachable.")
            assertTold(call("zoe@cooee.test"), "There is nobody at that address.")
        }

    private fun withOthers(play: (Cooee, Cooee) -> Unit) {
        signIn()
        server.cliPhone("ben").use { ben -> server.cliPhone("cleo").use { cleo -> play(ben, cleo) } }
    }

    private fun assertTold(
        screen: CallActivity,
        words: String,
    ) {
        screen.untilSays(R.id.state, words)
        waitUntil("it stands in the log") { app.phone.switchboard.ended.value?.past != null }
        screen.touch(R.id.why)
        val past = checkNotNull(app.phone.switchboard.ended.value?.past)
        val story = home(Place.Story(past)).get()
        waitUntil("its story says so") { story.texts().any { it.startsWith(words) } }
        assertTrue(story.texts().size > 2)
        story.finish()
    }
}
