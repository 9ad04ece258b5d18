package org.cooee.phone.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import org.cooee.model.Action
import org.cooee.model.Refusal
import org.cooee.phone.phone
import org.cooee.phone.words.say

/** What is touched on a notification and needs no screen. */
class CallReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context?,
        intent: Intent?,
    ) {
        val phone = context?.phone ?: return
        try {
            val action = Action.valueOf(checkNotNull(intent?.getStringExtra(WHAT)))
            phone.core.act(checkNotNull(intent).getLongExtra(CALL, -1), action)
        } catch (refusal: Refusal) {
            phone.tell(context.say(refusal.why))
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
