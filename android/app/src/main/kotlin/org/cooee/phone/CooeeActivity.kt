package org.cooee.phone

import android.app.Activity
import android.app.KeyguardManager
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import org.cooee.phone.screen.Back
import org.cooee.phone.screen.Navigator

/** What our activities share: the palette that the person chose, the way back, and asking for permissions. */
abstract class CooeeActivity :
    Activity(),
    Navigator {
    protected val scope = CoroutineScope(SupervisorJob() + MainThread)
    protected val back = Back(this) { goBack() }
    private var asking: (() -> Unit)? = null

    /** The palette, before anything is drawn. */
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        if (phone.preferences.systemColours) checkNotNull(theme).applyStyle(R.style.Cooee_System, true)
    }

    override fun onDestroy() {
        scope.cancel()
        back.setOwn(false)
        super.onDestroy()
    }

    /** A step back, within the screen if there is one. */
    protected abstract fun goBack()

    @Deprecated("Called by Android before 13; later ones tell Back.")
    @Suppress("DEPRECATION", "GestureBackNavigation")
    override fun onBackPressed() = goBack()

    override fun ask(
        vararg permissions: String,
        then: () -> Unit,
    ) {
        asking = then
        requestPermissions(permissions, 0)
    }

    override val isLocked get() = service<KeyguardManager>().isKeyguardLocked

    override fun unlocked(act: () -> Unit) {
        if (!isLocked) return act()
        val then =
            object : KeyguardManager.KeyguardDismissCallback() {
                override fun onDismissSucceeded() = act()
            }
        service<KeyguardManager>().requestDismissKeyguard(this, then)
    }

    override fun pickRingtone() =
        try {
            startActivityForResult(phone.ringer.picker(), RINGTONE)
        } catch (_: ActivityNotFoundException) {
            phone.tell(getString(R.string.ringtone_no_list))
        }

    override fun onActivityResult(
        code: Int,
        result: Int,
        data: Intent?,
    ) {
        super.onActivityResult(code, result, data)
        if (code == RINGTONE && result == RESULT_OK) phone.ringer.choose(data)
    }

    override fun onRequestPermissionsResult(
        code: Int,
        permissions: Array<out String>,
        granted: IntArray,
    ) {
        phone.contacts.look()
        phone.surround()
        // It may ask for something itself.
        val then = asking
        asking = null
        then?.invoke()
    }

    private companion object {
        const val RINGTONE = 1
    }
}
