package org.cooee.phone.telecom

import android.content.Context
import android.os.Build
import org.cooee.phone.R

/** Whether a phone's Telecom can be trusted with our calls. Where it cannot, mode, focus and ways of the sound are ours: [PlainCalls]. */
object Telecoms {
    /** `PackageManager.FEATURE_TELECOM`, from Android 13 on, and `FEATURE_CONNECTION_SERVICE` before. */
    private val FEATURES = listOf("android.software.telecom", "android.software.connectionservice")

    fun work(context: Context) = FEATURES.any(context.packageManager::hasSystemFeature) && !isBroken(context)

    private fun isBroken(context: Context): Boolean {
        val device = "${Build.MANUFACTURER}/${Build.DEVICE}/${Build.MODEL}"
        val levels = context.resources.getIntArray(R.array.telecom_broken_up_to)
        val broken = context.resources.getStringArray(R.array.telecom_broken).zip(levels.toList())
        return broken.any { (phones, level) -> device.contains(phones, ignoreCase = true) && Build.VERSION.SDK_INT <= level }
    }
}
