package org.cooee.phone

import android.app.Activity

/** The palette that the person chose. */
object Colours {
    /** Before anything is drawn. */
    fun apply(activity: Activity) {
        if (activity.phone.preferences.systemColours) checkNotNull(activity.theme).applyStyle(R.style.Cooee_System, true)
    }
}
