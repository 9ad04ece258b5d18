package org.cooee.phone.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import org.cooee.model.Action
import org.cooee.phone.phone

/** What is touched on a notification and needs no screen. */
class CallReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context?,
        intent: Intent?,
    ) {
        val phone = context?.phone ?: return
        phone.trying {
            val action = Action.valueOf(checkNotNull(intent?.getStringExtra(WHAT)))
            phone.core.act(checkNotNull(intent).getLongExtra(CALL, -1), action)
        }
    }

    companion object {
        private const val ACT = "org.cooee.ACT"
        private const val WHAT = "what"
        private const val CALL = "call"

        fun of(
            context: Context,
            call: Long,
            action: Action,
        ): Intent = Intent(context, CallReceiver::class.java).setAction(ACT).putExtra(WHAT, action.name).putExtra(CALL, call)
    }
}
