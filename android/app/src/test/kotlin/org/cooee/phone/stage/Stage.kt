package org.cooee.phone.stage

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.media.RingtoneManager
import android.net.Uri
import android.os.Looper
import android.view.View
import android.widget.TextView
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.TestApp
import org.cooee.phone.all
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.stage.FOREVER_MS
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The framework that tests run on lacks a class of Bluetooth's: whoever asks for anything of the sound first gets the error. */
fun findSound(context: Context) = runCatching { RingtoneManager.getRingtone(context, Uri.EMPTY) }

/** The app under test. */
val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp

/** Lets the main thread do all that waits for it. */
fun idle() = shadowOf(Looper.getMainLooper()).idle()

/** Until something holds that other threads bring about; [step]: what the main thread does meanwhile. */
fun waitUntil(
    what: String,
    step: () -> Unit = ::idle,
    holds: () -> Boolean,
) {
    val end = System.nanoTime() + FOREVER_MS * 1_000_000
    while (true) {
        step()
        if (holds()) return
        check(System.nanoTime() < end) { "$what: did not happen" }
        Thread.sleep(5)
    }
}

/** Opens the app at a place. */
fun home(place: Place? = null): ActivityController<HomeActivity> {
    val context = RuntimeEnvironment.getApplication()
    val intent = place?.let { HomeActivity.at(context, it) } ?: Intent(context, HomeActivity::class.java)
    return Robolectric.buildActivity(HomeActivity::class.java, intent).setup().also { idle() }
}

/** Opens the calls. */
fun calls(): ActivityController<CallActivity> = Robolectric.buildActivity(CallActivity::class.java).setup().also { idle() }

fun <V : View> Activity.find(id: Int): V = checkNotNull(findViewById(id)) { "it is not there" }

fun Activity.touch(id: Int) {
    val view = find<View>(id)
    check(view.isShown) { "it cannot be touched" }
    view.performClick()
    idle()
}

/** What can be seen of an activity with this text. */
fun Activity.says(text: String): TextView =
    checkNotNull(window).decorView.all().filterIsInstance<TextView>().first { it.isShown && it.text.toString() == text }

/** Touches what bears this text. */
fun Activity.touch(text: String) {
    says(text).performClick()
    idle()
}

/** Touches the button of the line with this text. */
fun Activity.touchBeside(text: String) {
    (says(text).parent as View).findViewById<View>(R.id.button)?.performClick()
    idle()
}
