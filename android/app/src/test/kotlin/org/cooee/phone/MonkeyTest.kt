package org.cooee.phone

import android.app.Activity
import android.app.Application
import android.os.Bundle
import android.os.Looper
import kotlinx.coroutines.CoroutineDispatcher
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.Monkey
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.stage.FOREVER_MS
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowDialog
import org.robolectric.shadows.ShadowToast
import java.time.Duration

/** Reads the contacts where everything else happens: one after the other, in the same order each time. */
class MonkeyApp : TestApp() {
    override val reader: CoroutineDispatcher = MainThread
}

/** Whatever is touched in whatever order: nothing breaks, and nothing is left behind. */
@RunWith(RobolectricTestRunner::class)
@Config(application = MonkeyApp::class)
class MonkeyTest {
    /** What went wrong where nobody catches it. */
    private var uncaught: Throwable? = null
    private val before = Thread.getDefaultUncaughtExceptionHandler()

    @Before
    fun furnish() {
        People.furnish(app.fake)
        People.contacts()
        Thread.setDefaultUncaughtExceptionHandler { _, wrong -> uncaught = wrong }
    }

    @After
    fun restore() = Thread.setDefaultUncaughtExceptionHandler(before)

    /** Its walk, if nothing went wrong. */
    private fun walk(
        seed: Long,
        steps: Int,
        patience: Long = FOREVER_MS,
    ): Monkey {
        val monkey = Monkey(seed)
        var at = 0
        try {
            while (at < steps) {
                monkey.step()
                at++
                uncaught?.let { throw it }
                if (at % FURNISHED == 0) furnishAnew()
            }
            monkey.leaveAll()
            untilGone(monkey, patience)
        } catch (wrong: Throwable) {
            throw AssertionError("seed $seed, step $at, at last:\n${monkey.steps.joinToString("\n")}", wrong)
        }
        return monkey
    }

    private fun furnishAnew() {
        People.furnish(app.fake)
        app.fake.told.clear()
        forget()
    }

    /** What the test's own framework keeps of everything that it has shown. */
    private fun forget() {
        ShadowDialog.reset()
        ShadowAlertDialog.reset()
        ShadowToast.reset()
    }

    /** Nothing holds an activity that is over. */
    private fun untilGone(
        monkey: Monkey,
        patience: Long,
    ) {
        val end = System.nanoTime() + patience * 1_000_000
        while (true) {
            forget()
            // Bars that fade, and texts that pass, have their time.
            shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMinutes(1))
            System.gc()
            val held = monkey.gone.count { it.get() != null }
            if (held <= HELD_BY_OTHERS) return
            check(System.nanoTime() < end) { "$held of ${monkey.gone.size} activities are held" }
            Thread.sleep(50)
        }
    }

    @Test
    fun `ten thousand touches and events reach every screen, break nothing and leave nothing behind`() {
        val monkey = walk(SEED, 10_000)
        val screens = Place::class.java.declaredClasses.filter { Place::class.java.isAssignableFrom(it) }.map { it.simpleName }.toSet()
        assertTrue("$screens", "People" in screens && "SignInAgain" in screens)
        val wanted = screens + setOf("CallRINGING", "CallACTIVE", "CallDIALING", "CallHELD", "Callover", "a dialog")
        assertEquals(emptySet<String>(), wanted - monkey.reached)
        assertEquals("in a call", emptySet<String>(), screens + "a dialog" - "SignIn" - monkey.reachedInCall)
    }

    @Test
    fun `its walk is the same for the same seed`() = assertSame()

    @Test
    fun `its walk is the same for the same seed, in another process`() = assertSame()

    /** As far as the first of two went that begin alike; each test has an environment of its own. */
    private fun assertSame() {
        val steps = walk(7, 300).steps.toList()
        assertEquals(first ?: steps, steps)
        first = steps
    }

    @Test
    fun `it finds what breaks`() {
        app.fake.understands = { error("planted") }
        val found = assertThrows(AssertionError::class.java) { walk(SEED, 2_000) }
        assertEquals("planted", found.cause?.message)
    }

    @Test
    fun `it finds what is held`() {
        val held = mutableListOf<Activity>()
        app.registerActivityLifecycleCallbacks(Created { held += it })
        val found = assertThrows(AssertionError::class.java) { walk(SEED, 300, patience = 1_000) }
        assertTrue("${found.cause}", "are held" in found.cause?.message.orEmpty())
    }

    /** Tells of each activity that there is. */
    private class Created(private val created: (Activity) -> Unit) : Application.ActivityLifecycleCallbacks {
        override fun onActivityCreated(
            activity: Activity,
            saved: Bundle?,
        ) = created(activity)

        override fun onActivityStarted(activity: Activity) = Unit

        override fun onActivityResumed(activity: Activity) = Unit

        override fun onActivityPaused(activity: Activity) = Unit

        override fun onActivityStopped(activity: Activity) = Unit

        override fun onActivitySaveInstanceState(
            activity: Activity,
            kept: Bundle,
        ) = Unit

        override fun onActivityDestroyed(activity: Activity) = Unit
    }

    private companion object {
        const val SEED = 20_251_202L

        /** After so many steps there is again what can be opened, and nothing is kept of what was. */
        const val FURNISHED = 250

        /** The framework as it is tested here holds the last ones whose fields could be filled in. */
        const val HELD_BY_OTHERS = 2
        var first: List<String>? = null
    }
}
