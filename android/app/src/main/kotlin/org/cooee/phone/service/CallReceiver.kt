package org.cooee.phone.service

import android.app.NotificationManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import org.cooee.model.Action
import org.cooee.model.Refusal
import org.cooee.phone.phone
import org.cooee.phone.service
import org.cooee.phone.words.say

/** What is touched on a notification and needs no screen. Calling back shows the call, whose screen asks for what it needs. */
class CallReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context?,
        intent: Intent?,
    ) {
        val phone = context?.phone ?: return
        try {
            when (intent?.action) {
                ACT -> {
                    Action.valueOf(checkNotNull(intent.getStringExtra(WHAT))).let { phone.core.act(intent.getLongExtra(CALL, -1), it) }
                }

                BACK -> {
                    phone.core.dial(checkNotNull(intent.getStringExtra(WHAT)))
                    context.service<NotificationManager>().cancelAll()
                }
            }
        } catch (refusal: Refusal) {
            phone.tell(context.say(refusal.why))
        }
    }

    companion object {
        private const val ACT = "org.cooee.ACT"
        private const val BACK = "org.cooee.BACK"
        private const val WHAT = "what"
        private const val CALL = "call"

        fun of(
            context: Context,
            call: Long,
            action: Action,
        ): Intent = Intent(context, CallReceiver::class.java).setAction(ACT).putExtra(WHAT, action.name).putExtra(CALL, call)

        fun back(
            context: Context,
            address: String,
        ): Intent = Intent(context, CallReceiver::class.java).setAction(BACK).putExtra(WHAT, address)
    }
}
