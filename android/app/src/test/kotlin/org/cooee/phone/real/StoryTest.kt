package org.cooee.phone.real

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.view.View
import android.widget.EditText
import android.widget.TextView
import kotlinx.coroutines.runBlocking
import org.cooee.model.Authority
import org.cooee.model.Sound
import org.cooee.phone.CooeeApp
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.service.WakeReceiver
import org.cooee.phone.stage.find
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Cooee
import org.cooee.stage.Server
import org.cooee.stage.Speech
import org.json.JSONObject
import org.junit.After
import org.junit.AfterClass
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.BeforeClass
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.nio.file.Files

/** What somebody does with the app, on the real core, with a real server and the phone of the command line. */
@RunWith(RobolectricTestRunner::class)
@Config(application = RealApp::class)
class StoryTest {
    private val app get() = RuntimeEnvironment.getApplication() as CooeeApp
    private val home by lazy { buildActivity(HomeActivity::class.java).setup().get().also { idle() } }

    @Before
    fun allowMicrophone() = shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)

    @After
    fun end() = runBlocking { app.phone.core.shutdown() }

    @Test
    fun `what the system says before the core is there is said to it then`() {
        app.phone.surround()
        app.phone.core.setContacts(listOf("ben@cooee.test"))
        WakeReceiver().onReceive(app, Intent(Intent.ACTION_BOOT_COMPLETED))
        waitUntil("it has started") { app.phone.core.status.value.started }
    }

    @Test
    fun `signs in, calls, is heard, hears, hangs up, and is called`() {
        signIn(server.password("anna"))
        server.cliPhone("ben", "--speak", ben.path, "--record", benHears.path).use { cli ->
            call("ben@cooee.test")
            cli.untilState("ringing")
            val call = calls()
            cli.obey("answer")
            waitUntil("they speak") { call.says(R.id.state) == "In a call" && call.find<View>(R.id.security).isShown }
            assertEquals("encrypted end to end", call.says(R.id.security))
            waitUntil("both have heard all") { listOf(annaHears to ben, benHears to anna).all { (heard, said) -> isComplete(heard, said) } }
            call.touch(R.id.hang_up)
            cli.until("the end") { it.optString("reason") == "hung-up.peer" }
            waitUntil("the end shows") { call.says(R.id.state).startsWith("You hung up.") }
            isCalled(cli)
        }
        assertTrue(anna.let(Speech::read).likenessIn(Speech.read(benHears)) > LIKE)
        assertTrue(ben.let(Speech::read).likenessIn(Speech.read(annaHears)) > LIKE)
    }

    private fun isCalled(cli: Cooee) {
        cli.obey(JSONObject().put("command", "dial").put("address", "anna@cooee.test"))
        waitUntil("it rings") { app.phone.core.calls.value.any { it.rings } }
        val call = calls()
        assertEquals("ben@cooee.test", call.says(R.id.name))
        call.touch(R.id.answer)
        cli.untilState("active")
        cli.obey("hang_up")
        waitUntil("the end shows") { call.says(R.id.state).startsWith("The other side hung up.") }
        assertTrue(call.find<View>(R.id.again).isShown)
    }

    @Test
    fun `a wrong password is said as such, and the right one lets in`() {
        type(R.id.address, "anna@cooee.test")
        type(R.id.password, "wrong")
        home.touch(R.id.provider)
        type(R.id.proxy, server.address)
        home.touch(R.id.sign_in)
        waitUntil("it says so") { home.find<View>(R.id.trouble).isShown }
        assertTrue(home.says(R.id.trouble).startsWith("The server does not accept the password."))
        type(R.id.password, server.password("anna"))
        home.touch(R.id.sign_in)
        waitUntil("it is signed in") { home.findViewById<View>(R.id.list) != null }
    }

    private fun signIn(password: String) {
        waitUntil("it asks to sign in") { home.findViewById<View>(R.id.sign_in) != null }
        type(R.id.address, "anna@cooee.test")
        type(R.id.password, password)
        home.touch(R.id.provider)
        type(R.id.proxy, server.address)
        home.touch(R.id.sign_in)
        waitUntil("it is signed in") { home.findViewById<View>(R.id.list) != null }
    }

    private fun call(whom: String) {
        type(R.id.field, whom)
        waitUntil("it is understood") { home.find<View>(R.id.call).run { isShown && isEnabled } }
        assertTrue(home.says(R.id.explanation).startsWith("Calls over the Internet"))
        home.touch(R.id.call)
    }

    private fun calls() = buildActivity(CallActivity::class.java).setup().get().also { idle() }

    private fun type(
        id: Int,
        text: String,
    ) {
        waitUntil("the field is there") { home.findViewById<View>(id) != null }
        home.find<EditText>(id).setText(text)
        idle()
    }

    private fun Activity.says(id: Int) = find<TextView>(id).text.toString()

    /** Whether more is recorded than it takes to say all of it. */
    private fun isComplete(
        heard: File,
        said: File,
    ) = heard.length() > MIN_OCTETS && Speech.read(heard).seconds > Speech.read(said).seconds + 1

    companion object {
        private const val LIKE = 0.7
        private const val MIN_OCTETS = 1000
        private val folder: File = Files.createTempDirectory("cooee").toFile()
        private val anna = Speech.fixture("anna.wav")
        private val ben = Speech.fixture("ben.wav")
        private val annaHears = File(folder, "anna-hears.wav")
        private val benHears = File(folder, "ben-hears.wav")
        private lateinit var server: Server

        @JvmStatic
        @BeforeClass
        fun serve() {
            server = Server(folder)
            RealApp.authority = Authority(server.certificate.encoded, byUser = true)
            RealApp.sound = Sound.Files(anna.path, annaHears.path)
        }

        @JvmStatic
        @AfterClass
        fun close() {
            server.close()
            folder.deleteRecursively()
        }
    }
}
