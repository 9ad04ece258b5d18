package org.cooee.phone

import android.Manifest
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
import org.cooee.phone.screen.Wish

/** What our activities share: the palette that the person chose, the way back, and asking for permissions. */
abstract class CooeeActivity :
    Activity(),
    Navigator {
    protected val scope = CoroutineScope(SupervisorJob() + MainThread)
    protected val back = Back(this) { goBack() }

    /** What waits until the person has decided on a permission. */
    protected var wish: Wish? = null
        private set

    /** Of what a touch asked for: whether the system had it explained before, as it does of what was denied once. None of all else. */
    private var mends: Boolean? = null

    /** The palette, before anything is drawn. */
    @Suppress("DEPRECATION")
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        wish = saved?.getSerializable(WISH) as Wish?
        if (phone.preferences.systemColours) checkNotNull(theme).applyStyle(R.style.Cooee_System, true)
    }

    override fun onSaveInstanceState(out: Bundle) {
        super.onSaveInstanceState(out)
        out.putSerializable(WISH, wish)
    }

    override fun onDestroy() {
        scope.cancel()
        back.setOwn(false)
        super.onDestroy()
    }

    /** What was asked of the person is decided. */
    protected open fun settled() = Unit

    /** A step back, within the screen if there is one. */
    protected abstract fun goBack()

    @Deprecated("Called by Android before 13; later ones tell Back.")
    @Suppress("DEPRECATION", "GestureBackNavigation")
    override fun onBackPressed() = goBack()

    override fun ask(
        permission: String,
        then: Wish?,
    ) {
        wish = then
        mends = null
        requestPermissions(arrayOf(permission), 0)
    }

    override fun askToNotify() = ask(Manifest.permission.POST_NOTIFICATIONS, null)

    override fun mend(permission: String) {
        ask(permission, null)
        mends = shouldShowRequestPermissionRationale(permission)
    }

    override val isLocked get() = service<KeyguardManager>().isKeyguardLocked

    override fun unlocked(act: () -> Unit) {
        if (!isLocked) return act()
        val then =
            object : KeyguardManager.KeyguardDismissCallback() {
                override fun onDismissSucceeded() = act()

                override fun onDismissCancelled() = settled()
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
        // A second touch: what the first one asked is still to be decided.
        val permission = permissions.firstOrNull() ?: return
        phone.contacts.look()
        phone.surround()
        // Denied for good, nothing was shown.
        val wasShown = mends != false || may(permission) || shouldShowRequestPermissionRationale(permission)
        if (!wasShown) phone.system.openAppPage()
        // It may ask for something itself.
        val wished = wish
        wish = null
        phone.trying { wished?.let { phone.dialler.grant(it, this) } }
        settled()
    }

    private companion object {
        const val RINGTONE = 1
        const val WISH = "wish"
    }
}
