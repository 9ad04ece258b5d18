package org.cooee.phone.real

import android.Manifest
import android.app.Activity
import android.view.View
import android.widget.EditText
import android.widget.TextView
import kotlinx.coroutines.runBlocking
import org.cooee.model.Authority
import org.cooee.model.Sound
import org.cooee.phone.CooeeApp
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.all
import org.cooee.phone.call.CallActivity
import org.cooee.phone.stage.find
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Cooee
import org.cooee.stage.Server
import org.cooee.stage.Speech
import org.junit.After
import org.junit.AfterClass
import org.junit.Before
import org.junit.BeforeClass
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.nio.file.Files

/** Anna with the app, on the real core, and a real server. */
@RunWith(RobolectricTestRunner::class)
@Config(application = RealApp::class)
abstract class RealTest {
    protected val app get() = RuntimeEnvironment.getApplication() as CooeeApp
    protected val home by lazy { buildActivity(HomeActivity::class.java).setup().get().also { idle() } }

    @Before
    fun allowMicrophone() = shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)

    @After
    fun end() {
        waitUntil("it has started") { app.phone.core.status.value.started }
        runBlocking { app.phone.core.shutdown() }
    }

    protected fun fillIn(
        password: String,
        proxy: String = server.address,
    ) {
        type(R.id.address, "anna@cooee.test")
        type(R.id.password, password)
        if (!home.find<View>(R.id.more).isShown) home.touch(R.id.provider)
        type(R.id.proxy, proxy)
        home.touch(R.id.sign_in)
    }

    protected fun signIn(
        password: String = server.password("anna"),
        proxy: String = server.address,
    ) {
        fillIn(password, proxy)
        waitUntil("it is signed in") { home.findViewById<View>(R.id.list) != null }
    }

    protected fun untilTrouble(): String {
        waitUntil("it says what is wrong") { home.find<View>(R.id.trouble).isShown }
        return home.says(R.id.trouble)
    }

    /** Calls somebody; the screen of calls. */
    protected fun call(whom: String): CallActivity {
        type(R.id.field, whom)
        waitUntil("it is understood") { home.find<View>(R.id.call).run { isShown && isEnabled } }
        check(home.says(R.id.explanation).startsWith("Calls over the Internet"))
        home.touch(R.id.call)
        waitUntil("there is a call") { app.phone.core.calls.value.isNotEmpty() || app.phone.switchboard.ended.value != null }
        return calls()
    }

    /** Calls somebody, who answers on the command line; the screen of calls. */
    protected fun speakWith(
        cli: Cooee,
        address: String = "ben@cooee.test",
    ): CallActivity {
        val screen = call(address)
        cli.untilState("ringing")
        cli.obey("answer")
        cli.untilState("active")
        screen.untilSays(R.id.state, "In a call")
        return screen
    }

    protected fun Activity.texts() =
        find<View>(R.id.content).all().filterIsInstance<TextView>().filter { it.isShown }.map { it.text.toString() }

    protected fun calls(): CallActivity = buildActivity(CallActivity::class.java).setup().get().also { idle() }

    protected fun Activity.says(id: Int) = find<TextView>(id).text.toString()

    protected fun Activity.untilSays(
        id: Int,
        text: String,
    ) = try {
        waitUntil(text) { find<View>(id).isShown && says(id).startsWith(text) }
    } catch (never: IllegalStateException) {
        throw IllegalStateException("${never.message}; it says “${says(id)}”", never)
    }

    protected fun type(
        id: Int,
        text: String,
    ) {
        waitUntil("the field is there") { home.findViewById<View>(id) != null }
        home.find<EditText>(id).setText(text)
        idle()
    }

    companion object {
        val folder: File by lazy { Files.createTempDirectory("cooee").toFile() }
        val anna = Speech.fixture("anna.wav")
        val annaHears get() = File(folder, "anna-hears.wav")
        lateinit var server: Server

        @JvmStatic
        @BeforeClass
        fun serve() {
            folder.mkdirs()
            server = Server(folder)
            RealApp.authorities = listOf(Authority(server.certificate.encoded, byUser = true))
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
