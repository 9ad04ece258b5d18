package org.cooee.phone.telecom

import android.annotation.TargetApi
import android.content.Context
import android.media.AudioManager
import android.os.Build
import kotlinx.coroutines.flow.MutableStateFlow
import org.cooee.model.Core
import org.cooee.model.SystemCall
import org.cooee.phone.service

/** Calls of the system's own, over the mobile network: the core is told whether there is one, and whether it has the sound. */
class OtherCalls(
    private val context: Context,
    private val core: Core,
) {
    private var told = SystemCall.NONE

    /** There is one, or it rings. */
    val isThere = MutableStateFlow(false)

    /** It has the sound, and none of ours. */
    var hasSound = false
        set(has) {
            field = has
            tell()
        }

    /** Before they take the sound from one of ours, nothing but the sound's mode tells of them, and that from Android 12 on. */
    fun watch() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) listen()
    }

    @TargetApi(Build.VERSION_CODES.S)
    private fun listen() =
        context.service<AudioManager>().run {
            addOnModeChangedListener(context.mainExecutor) { follow(it) }
            follow(mode)
        }

    /** The sound has this mode now. Ours may let it ring, too. */
    fun follow(mode: Int) {
        isThere.value = mode == AudioManager.MODE_IN_CALL || (mode == AudioManager.MODE_RINGTONE && core.calls.value.none { it.ringsAloud })
        tell()
    }

    private fun tell() {
        val now =
            if (hasSound) {
                SystemCall.HELD
            } else if (isThere.value) {
                SystemCall.BUSY
            } else {
                SystemCall.NONE
            }
        if (now != told) core.setSystemCall(now)
        told = now
    }
}
