package org.cooee.phone

import android.content.Context

/** What people rightly differ in and is the app's alone. */
class Preferences(context: Context) {
    private val kept = context.getSharedPreferences("preferences", Context.MODE_PRIVATE)

    /** The system's palette in place of ours, where it has one. */
    var systemColours by Switch("system-colours", true)

    /** Calls are kept from the system's telephony: for phones where that is broken. */
    var plainCalls by Switch("plain-calls", false)

    /** The ringtone's address, empty for silence; none: the phone's own. */
    var ringtone: String?
        get() = kept.getString("ringtone", null)
        set(address) = kept.edit().putString("ringtone", address).apply()

    private inner class Switch(
        private val name: String,
        private val usual: Boolean,
    ) {
        operator fun getValue(
            owner: Any?,
            property: Any?,
        ) = kept.getBoolean(name, usual)

        operator fun setValue(
            owner: Any?,
            property: Any?,
            on: Boolean,
        ) = kept.edit().putBoolean(name, on).apply()
    }
}
