package org.cooee.phone.screen

import android.annotation.TargetApi
import android.app.Activity
import android.graphics.Insets
import android.os.Build
import android.view.View
import android.view.WindowInsets

/** Draws from edge to edge and keeps what matters clear of the system's bars, cut-outs and keyboard: three ways, by the Android below. */
object Edges {
    fun fit(
        activity: Activity,
        root: View,
    ) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            // From 35 on it is so anyway.
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.VANILLA_ICE_CREAM) drawBehindBars(activity)
            root.setOnApplyWindowInsetsListener { view, insets -> pad(view, insets) }
        } else {
            root.fitsSystemWindows = true
        }
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun drawBehindBars(activity: Activity) = checkNotNull(activity.window).setDecorFitsSystemWindows(false)

    @TargetApi(Build.VERSION_CODES.R)
    private fun pad(
        view: View,
        insets: WindowInsets,
    ): WindowInsets {
        val kinds = WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
        val taken: Insets = insets.getInsets(kinds)
        view.setPadding(taken.left, taken.top, taken.right, taken.bottom)
        return WindowInsets.CONSUMED
    }
}
