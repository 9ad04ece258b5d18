package org.cooee.phone

import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import org.cooee.model.Action
import org.cooee.model.Core
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Wish
import org.cooee.phone.screen.withMicrophone

/** Calls people. */
class Dialler(
    private val context: Context,
    private val core: Core,
) {
    /** Calls [target] and shows the call, or says why not. */
    fun dial(
        target: String,
        navigator: Navigator,
    ) = navigator.withMicrophone(context.phone, Wish.Dial(target))

    /** The microphone has been asked for. */
    fun grant(
        wish: Wish,
        navigator: Navigator,
    ) = when (wish) {
        is Wish.Answer -> if (wish.endingOthers) core.answerEndingOthers(wish.call) else core.act(wish.call, Action.ANSWER)
        is Wish.Dial -> dial(wish).also { navigator.showCalls() }
    }

    private fun dial(wish: Wish.Dial) {
        core.dial(wish.target)
        context.phone.notices.seen(wish.target)
    }

    /** Hands a number to the ordinary telephone. */
    fun telephone(number: String) {
        val dial = Intent(Intent.ACTION_DIAL, Uri.fromParts("tel", number, null)).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        try {
            context.startActivity(dial)
        } catch (_: ActivityNotFoundException) {
            context.phone.tell(context.getString(R.string.call_no_telephone))
        }
    }
}
