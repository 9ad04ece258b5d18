package org.cooee.phone

import android.annotation.TargetApi
import android.app.Activity
import android.app.NotificationManager
import android.graphics.Insets
import android.graphics.Rect
import android.os.Build
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.EditText
import android.window.OnBackInvokedCallback
import android.window.WindowOnBackInvokedDispatcher
import org.cooee.model.Surroundings
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNotificationManager

/** What is around screens, and differs from version to version: bars and keyboard, the way back, and what the system lets fill the screen. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [28, 30, 33, 35])
class WindowTest {
    @Test
    fun `bars and keyboard cover nothing that matters`() {
        val root = home().get().find<View>(R.id.root)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) assertTrue("the framework does it", root.fitsSystemWindows) else cover(root)
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun cover(root: View) {
        val padding = { keyboard: Int ->
            val insets =
                WindowInsets
                    .Builder()
                    .setInsets(WindowInsets.Type.systemBars(), Insets.of(0, 50, 0, 30))
                    .setInsets(WindowInsets.Type.displayCutout(), Insets.of(20, 0, 0, 0))
                    .setInsets(WindowInsets.Type.ime(), Insets.of(0, 0, 0, keyboard))
            root.dispatchApplyWindowInsets(insets.build())
            Rect(root.paddingLeft, root.paddingTop, root.paddingRight, root.paddingBottom)
        }
        assertEquals(Rect(20, 50, 0, 300), padding(300))
        assertEquals(Rect(20, 50, 0, 30), padding(0))
    }

    /** Goes a step back in the app; whether there was one, or back leads out of it. */
    @Suppress("DEPRECATION")
    private fun Activity.step(): Boolean {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            predicted(this)?.onBackInvoked() ?: return false
        } else {
            onBackPressed()
        }
        idle()
        return !isFinishing
    }

    /** What the system would call, and knows of beforehand. For Android 13 Robolectric does not read the manifest's word that we tell it. */
    @TargetApi(Build.VERSION_CODES.TIRAMISU)
    private fun predicted(activity: Activity): OnBackInvokedCallback? {
        val dispatcher = checkNotNull(activity.window).decorView.findOnBackInvokedDispatcher()
        return (dispatcher as WindowOnBackInvokedDispatcher).topCallback
    }

    @Test
    @Config(sdk = [28, 30, 35])
    fun `back closes the keypad, then empties the field, then leads to where one came from, and out`() {
        val home = home(Place.Requests).get()
        assertTrue(home.step())
        assertEquals(Place.People, home.place)
        val field = home.find<EditText>(R.id.field)
        home.touch(R.id.keys)
        assertTrue(home.find<View>(R.id.keypad).isShown)
        field.setText("be")
        idle()
        assertTrue(home.step())
        assertFalse(home.find<View>(R.id.keypad).isShown)
        assertTrue(home.step())
        assertEquals("", field.text.toString())
        assertFalse(home.step())
    }

    @Test
    @Config(sdk = [28, 30, 35])
    fun `back closes the keypad of a call first`() {
        app.fake.connect(app.fake.ring(People.BEN))
        val screen = calls().get()
        screen.touch(R.id.keys)
        assertTrue(screen.step())
        assertFalse(screen.find<View>(R.id.keypad).isShown)
        assertFalse(screen.step())
    }

    @Test
    @Config(sdk = [33, 35], shadows = [FullScreen::class])
    fun `whether a call may fill the screen is asked of the system where people can forbid it`() {
        for (may in listOf(true, false)) {
            FullScreen.may = may
            val asked = may.takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE }
            assertEquals(asked, app.phone.system.allow(Surroundings()).mayFillScreen)
        }
    }

    /** What the person has allowed. */
    @Implements(NotificationManager::class)
    class FullScreen : ShadowNotificationManager() {
        @Implementation(minSdk = Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
        fun canUseFullScreenIntent() = may

        companion object {
            var may = true
        }
    }

    @Test
    fun `a call that was never answered leaves no screen to close`() {
        val call = app.fake.ring(People.BEN)
        val screen = calls().get()
        screen.touch(R.id.decline)
        assertTrue(screen.isFinishing)
        app.fake.connect(app.fake.ring(People.CLEO))
        val other = calls().get()
        app.fake.end(call + 1)
        idle()
        assertTrue("why it ended is to be read", !other.isFinishing && other.find<View>(R.id.why).isShown)
    }

    @Test
    fun `in a call the keys are those of a telephone alone`() {
        app.fake.connect(app.fake.ring(People.BEN))
        val screen = calls().get()
        screen.touch(R.id.keys)
        screen.find<ViewGroup>(R.id.keypad).getChildAt(10)?.run {
            assertFalse(isLongClickable)
            performClick()
        }
        assertEquals("digit 1 0", app.fake.told.last())
    }
}
