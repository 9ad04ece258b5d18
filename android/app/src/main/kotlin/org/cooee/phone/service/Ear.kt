package org.cooee.phone.service

import android.content.Context
import android.os.PowerManager
import org.cooee.phone.service

/** Turns the screen off while an ear is at it: in a call whose sound is there. A phone without a sensor for that has no such lock. */
class Ear(context: Context) {
    private val power = context.service<PowerManager>()
    private val lock =
        if (power.isWakeLockLevelSupported(PowerManager.PROXIMITY_SCREEN_OFF_WAKE_LOCK)) {
            power.newWakeLock(PowerManager.PROXIMITY_SCREEN_OFF_WAKE_LOCK, "cooee:ear").apply { setReferenceCounted(false) }
        } else {
            null
        }

    fun follow(isThere: Boolean) = if (isThere) lock?.acquire() else leave()

    /** The screen comes back once the ear is away. */
    fun leave() = lock?.release(PowerManager.RELEASE_FLAG_WAIT_FOR_NO_PROXIMITY)
}
