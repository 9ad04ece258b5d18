package org.cooee.phone

import android.Manifest
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import org.cooee.model.Action
import org.cooee.model.Core
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Wish

/** Calls people. */
class Dialler(
    private val context: Context,
    private val core: Core,
) {
    /** The call that was dialled last, and whom it is to, until it is over: touched twice, they are called once. */
    private var dialled: Pair<Long, String>? = null
    val isUnderWay get() = dialled != null

    /** A call is over, or no call came of it; null: any may be. */
    fun over(call: Long?) {
        if (call == null || dialled?.first == call) dialled = null
    }

    /** Calls [target] and shows the call, or says why not. */
    fun dial(
        target: String,
        navigator: Navigator,
    ) = wish(Wish.Dial(target), navigator)

    /**
     * Dials or answers once the microphone has been asked for: before a call, never in the middle. Denied, it is done all the same: one can
     * listen, and the screen of calls says that nothing is sent. Over the lock screen the system would ask behind it: nothing waits for that.
     */
    fun wish(
        wish: Wish,
        navigator: Navigator,
    ) = if (navigator.isLocked || context.may(Manifest.permission.RECORD_AUDIO)) {
        context.phone.trying { grant(wish, navigator) }
    } else {
        navigator.ask(Manifest.permission.RECORD_AUDIO, wish)
    }

    /** The microphone has been asked for. */
    fun grant(
        wish: Wish,
        navigator: Navigator,
    ) = when (wish) {
        is Wish.Answer -> if (wish.endingOthers) core.answerEndingOthers(wish.call) else core.act(wish.call, Action.ANSWER)
        is Wish.Dial -> dial(wish).also { navigator.showCalls() }
    }

    private fun dial(wish: Wish.Dial) {
        if (dialled?.second == wish.target) return
        dialled = core.dial(wish.target) to wish.target
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
