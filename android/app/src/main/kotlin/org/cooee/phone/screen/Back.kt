package org.cooee.phone.screen

import android.annotation.TargetApi
import android.app.Activity
import android.os.Build
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher

/** The system's back: from Android 13 on it is told beforehand whether there is a step back in the app, so that it can show where it leads. */
class Back(
    private val activity: Activity,
    private val step: () -> Unit,
) {
    private var callback: Any? = null

    /** Whether the next back is the app's own. */
    fun setOwn(own: Boolean) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) register(own)
    }

    @TargetApi(Build.VERSION_CODES.TIRAMISU)
    private fun register(own: Boolean) {
        val dispatcher = activity.onBackInvokedDispatcher
        val registered = callback as OnBackInvokedCallback?
        if (own && registered == null) {
            callback =
                OnBackInvokedCallback {
                    step()
                }.also { dispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, it) }
        } else if (!own && registered != null) {
            dispatcher.unregisterOnBackInvokedCallback(registered)
            callback = null
        }
    }
}
