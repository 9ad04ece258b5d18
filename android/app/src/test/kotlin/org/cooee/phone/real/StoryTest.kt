package org.cooee.phone.real

import android.content.Intent
import android.view.View
import org.cooee.phone.R
import org.cooee.phone.service.WakeReceiver
import org.cooee.phone.stage.find
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Cooee
import org.cooee.stage.Speech
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** What somebody does with the app, on the real core, with a real server and the phone of the command line. */
class StoryTest : RealTest() {
    private val ben = Speech.fixture("ben.wav")
    private val benHears = File(folder, "ben-hears.wav")

    @Test
    fun `what the system says before the core is there is said to it then`() {
        app.phone.surround()
        app.phone.core.setContacts(listOf("ben@cooee.test"))
        WakeReceiver().onReceive(app, Intent(Intent.ACTION_BOOT_COMPLETED))
        waitUntil("it has started") { app.phone.core.status.value.started }
    }

    @Test
    fun `signs in, calls, is heard, hears, hangs up, and is called`() {
        signIn()
        server.cliPhone("ben", "--speak", ben.path, "--record", benHears.path).use { cli ->
            val call = call("ben@cooee.test")
            cli.untilState("ringing")
            cli.obey("answer")
            waitUntil("they speak") { call.says(R.id.state) == "In a call" && call.find<View>(R.id.security).isShown }
            assertEquals("encrypted end to end", call.says(R.id.security))
            waitUntil("both have heard all") { listOf(annaHears to ben, benHears to anna).all { (heard, said) -> isComplete(heard, said) } }
            call.touch(R.id.hang_up)
            cli.until("the end") { it.optString("reason") == "hung-up.peer" }
            call.untilSays(R.id.state, "You hung up.")
            isCalled(cli)
        }
        assertTrue(anna.let(Speech::read).likenessIn(Speech.read(benHears)) > LIKE)
        assertTrue(ben.let(Speech::read).likenessIn(Speech.read(annaHears)) > LIKE)
    }

    private fun isCalled(cli: Cooee) {
        cli.dial("anna@cooee.test")
        waitUntil("it rings") { app.phone.core.calls.value.any { it.rings } }
        val call = calls()
        assertEquals("ben@cooee.test", call.says(R.id.name))
        call.touch(R.id.answer)
        cli.untilState("active")
        cli.obey("hang_up")
        call.untilSays(R.id.state, "The other side hung up.")
        assertTrue(call.find<View>(R.id.again).isShown)
    }

    @Test
    fun `a wrong password is said as such, and the right one lets in`() {
        fillIn("wrong")
        assertTrue(untilTrouble().startsWith("The server does not accept the password."))
        signIn()
    }

    /** Whether more is recorded than it takes to say all of it. */
    private fun isComplete(
        heard: File,
        said: File,
    ) = heard.length() > MIN_OCTETS && Speech.read(heard).seconds > Speech.read(said).seconds + 1

    private companion object {
        const val LIKE = 0.7
        const val MIN_OCTETS = 1000
    }
}
