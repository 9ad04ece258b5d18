package org.cooee.phone.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.PowerManager
import kotlinx.coroutines.launch
import org.cooee.model.Refusal
import org.cooee.model.Wake
import org.cooee.phone.phone
import org.cooee.phone.service

/** The device was started, the app was replaced, or an alarm of the core's goes off. */
class WakeReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context?,
        intent: Intent?,
    ) {
        context ?: return
        ReachService.start(context)
        wake(context, if (intent?.action == null) Wake.ALARM else Wake.BOOT)
    }

    /** The system's own lock ends with the broadcast: ours lasts until the core has done what is due (20 s), and has locks of its own for more. */
    private fun wake(
        context: Context,
        reason: Wake,
    ) {
        val lock = context.service<PowerManager>().newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "cooee:wake")
        lock.acquire(LONGEST_MS)
        val phone = context.phone
        phone.scope.launch {
            try {
                phone.core.wake(reason)
            } catch (_: Refusal) {
                // It is ending: nothing is due any more.
                return@launch
            } finally {
                if (lock.isHeld) lock.release()
            }
        }
    }

    companion object {
        private const val LONGEST_MS = 30_000L

        fun alarm(context: Context): Intent = Intent(context, WakeReceiver::class.java)
    }
}
