package org.cooee.phone.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import org.cooee.phone.phone

/** The device was started, the app was replaced, or an alarm of the core's goes off. */
class WakeReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context?,
        intent: Intent?,
    ) {
        context ?: return
        context.phone.core.wokeUp()
        ReachService.start(context)
    }

    companion object {
        fun alarm(context: Context): Intent = Intent(context, WakeReceiver::class.java)
    }
}
