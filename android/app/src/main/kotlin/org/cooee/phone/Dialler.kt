package org.cooee.phone

import android.Manifest
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import org.cooee.model.Core
import org.cooee.phone.screen.Navigator

/** Calls people: asks for the microphone before, never in the middle of a call. */
class Dialler(
    private val context: Context,
    private val core: Core,
) {
    /** Calls [target] and shows the call, or says why not. */
    fun dial(
        target: String,
        navigator: Navigator,
    ) {
        if (context.checkSelfPermission(Manifest.permission.RECORD_AUDIO) == PackageManager.PERMISSION_GRANTED) {
            begin(target, navigator)
        } else {
            // Denied, the call is made all the same: one can listen, and its screen says that nothing is sent.
            navigator.ask(Manifest.permission.RECORD_AUDIO) { begin(target, navigator) }
        }
    }

    /** Hands a number to the ordinary telephone. */
    fun telephone(number: String) {
        val dial = Intent(Intent.ACTION_DIAL, Uri.fromParts("tel", number, null)).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        context.startActivity(dial)
    }

    private fun begin(
        target: String,
        navigator: Navigator,
    ) = context.phone.trying {
        core.dial(target)
        context.phone.notices.seen(target)
        navigator.showCalls()
    }
}
