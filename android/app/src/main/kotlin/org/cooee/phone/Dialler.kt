package org.cooee.phone

import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import org.cooee.model.Core
import org.cooee.phone.screen.Navigator
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
    ) = navigator.withMicrophone(context.phone) {
        core.dial(target)
        context.phone.notices.seen(target)
        navigator.showCalls()
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
