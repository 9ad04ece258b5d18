package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.view.FocusFinder
import android.view.KeyEvent
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.EditText
import android.widget.Switch
import android.widget.TextView
import org.cooee.phone.rules.Sources
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowInstrumentation

/** What a screen reader says and a finger, a key or a switch can hit. */
@RunWith(RobolectricTestRunner::class)
class AccessibilityTest {
    @Before
    fun furnish() {
        People.furnish(app.fake)
        People.contacts()
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
    }

    @Test
    fun `whatever can be touched has words, is reached by keys, and is large enough`() {
        val faults = screens().flatMap { (name, activity) -> touchable(activity).flatMap { view -> faults(view).map { "$name: $it" } } }
        assertEquals(emptyList<String>(), faults)
    }

    @Test
    fun `whoever is at a piece of a page stays there when it is drawn anew`() {
        ShadowInstrumentation.getInstrumentation().setInTouchMode(false)
        val home = home(Place.Settings).get()
        val focused = { checkNotNull(home.find<View>(R.id.content).findFocus() as? TextView).text.toString() }
        val switch = home.find<View>(R.id.content).all().filterIsInstance<Switch>().first { it.isShown }
        switch.requestFocus()
        val before = focused()
        switch.performClick()
        idle()
        assertTrue("drawn anew", switch.parent == null)
        assertEquals(before, focused())
    }

    private fun screens(): Map<String, Activity> {
        val places =
            Place.TABS + listOf(Place.SignIn, Place.MyAddress, Place.Requests, Place.Story(4), Place.Contact("ben@example.org", "Ben", 1))
        val homes = places.associate { it.toString() to home(it).get() }
        val call = app.fake.ring(People.BEN)
        val incoming = calls().get()
        app.fake.change(call, People::spoken)
        return homes + mapOf("incoming" to incoming, "in a call" to calls().get())
    }

    private fun touchable(activity: Activity) = checkNotNull(activity.window).decorView.all().filter { it.isShown && it.isClickable }

    private fun faults(view: View): List<String> {
        val least = view.resources.displayMetrics.density * LEAST_DP - 1
        val words = words(view)
        return listOfNotNull(
            "${view.javaClass.simpleName} ${name(view)} has no words".takeIf { words.isBlank() },
            "$words is not reached by keys".takeIf { !view.isFocusable },
            "$words has ${view.width} x ${view.height}".takeIf { view.width < least || view.height < least },
        )
    }

    private fun name(view: View) = if (view.id > 0) view.resources.getResourceEntryName(view.id) else ""

    /** Its own words, or those in it. */
    private fun words(view: View): String {
        val node: AccessibilityNodeInfo = view.createAccessibilityNodeInfo()
        val own = listOfNotNull(node.contentDescription, node.text, (view as? EditText)?.hint).joinToString(" ")
        return own.ifBlank { view.all().filterIsInstance<TextView>().joinToString(" ") { it.text } }
    }

    @Test
    fun `a call is answered, hung up and declined by keys alone`() {
        // Whoever touches nothing.
        ShadowInstrumentation.getInstrumentation().setInTouchMode(false)
        val screen = calls { app.fake.ring(People.BEN) }
        press(screen, R.id.answer)
        assertEquals("ANSWER 1", app.fake.told.last { it.endsWith(" 1") })
        press(screen, R.id.hang_up)
        assertEquals("HANG_UP 1", app.fake.told.last { it.endsWith(" 1") })
        press(calls { app.fake.ring(People.CLEO) }, R.id.decline)
        assertEquals("DECLINE 2", app.fake.told.last { it.endsWith(" 2") })
    }

    /** Goes from one to the next until it is there, as the tab key and switches do, and presses it by a key. */
    private fun press(
        activity: Activity,
        id: Int,
    ) {
        val root = checkNotNull(activity.window).decorView as ViewGroup
        val next = { from: View? -> FocusFinder.getInstance().findNextFocus(root, from, View.FOCUS_FORWARD) }
        val way = generateSequence(root.findFocus() ?: next(null)) { next(it) }
        val there = checkNotNull(way.take(MOST_ON_A_SCREEN).firstOrNull { it.id == id }) { "it is not reached" }
        check(there.requestFocus()) { "it takes no focus" }
        for (action in listOf(
            KeyEvent.ACTION_DOWN,
            KeyEvent.ACTION_UP,
        )) {
            root.dispatchKeyEvent(KeyEvent(action, KeyEvent.KEYCODE_DPAD_CENTER))
        }
        idle()
    }

    @Test
    fun `nothing moves, so that there is nothing to switch off`() {
        val code = Sources.kotlin.associate { it.name to Sources.code(it) }
        val resources = Sources.resources.walk().filter { it.extension == "xml" }.associate { it.path to it.readText() }
        val moving =
            Regex(
                """\.animate\(|Animator[.(]|AnimationUtils|TransitionManager|<(objectAnimator|animation-list|animated-\w+|translate|rotate)\b""",
            )
        assertEquals(emptyList<String>(), (code + resources).filterValues(moving::containsMatchIn).keys.toList())
    }

    @Test
    fun `the state of a call is told when it changes, and the time never`() {
        val activity = calls { app.fake.ring(People.BEN) }
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, activity.find<View>(R.id.state).accessibilityLiveRegion)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_NONE, activity.find<View>(R.id.timer).accessibilityLiveRegion)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_NONE, activity.find<View>(R.id.rate).accessibilityLiveRegion)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, activity.find<View>(R.id.verdict).accessibilityLiveRegion)
    }

    @Test
    fun `a control that is pressed in says so`() {
        val activity = calls { app.fake.ring(People.BEN).also { app.fake.change(it, People::spoken) } }
        val mute = activity.find<View>(R.id.mute)
        assertEquals("Mute" to "Off", mute.contentDescription to mute.stateDescription)
        activity.touch(R.id.mute)
        assertEquals("On", mute.stateDescription)
    }

    @Test
    fun `each screen has a heading, and names stand before what is done with them`() {
        val activity = calls { app.fake.ring(People.BEN) }
        val views = checkNotNull(activity.window).decorView.all().filter { it.isShown }
        assertTrue(views.any { it.isAccessibilityHeading })
        val order = listOf(R.id.name, R.id.state, R.id.decline, R.id.answer).map { id -> views.indexOfFirst { it.id == id } }
        assertEquals(order.sorted(), order)
        Place.TABS.drop(1).forEach { place ->
            assertTrue("$place", checkNotNull(home(place).get().window).decorView.all().any { it.isAccessibilityHeading })
        }
    }

    private fun calls(begin: () -> Unit): Activity {
        begin()
        return calls().get().also { idle() }
    }

    private companion object {
        const val LEAST_DP = 48
        const val MOST_ON_A_SCREEN = 50
    }
}
