package org.cooee.phone

import android.Manifest
import android.annotation.TargetApi
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import org.cooee.model.Mend
import org.cooee.model.Surroundings
import org.cooee.phone.notice.Channels
import org.cooee.phone.screen.Navigator

/** What ringing needs of the system, and the system's own pages where that is mended. */
class SystemConditions(private val context: Context) {
    /** The same with what the system lets us do. */
    fun allow(surroundings: Surroundings) =
        surroundings.copy(
            savingPower = context.service<PowerManager>().isPowerSaveMode,
            mayNotify = mayNotify(),
            mayFillScreen = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) mayFillScreen() else null,
            mayStayAwake = context.service<PowerManager>().isIgnoringBatteryOptimizations(context.packageName),
            mayListen = context.may(Manifest.permission.RECORD_AUDIO),
        )

    /** Also who rings, and loud enough to be shown. */
    private fun mayNotify(): Boolean {
        val manager = context.service<NotificationManager>()
        val ringing: NotificationChannel? = manager.getNotificationChannel(Channels.RINGING)
        return manager.areNotificationsEnabled() && (ringing == null || ringing.importance >= NotificationManager.IMPORTANCE_HIGH)
    }

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    private fun mayFillScreen() = context.service<NotificationManager>().canUseFullScreenIntent()

    /** Opens what mends it. */
    fun mend(
        what: Mend,
        navigator: Navigator,
    ) {
        if (what == Mend.NOTIFICATIONS && needsPermission()) return navigator.mend(Manifest.permission.POST_NOTIFICATIONS)
        try {
            open(page(what))
        } catch (_: ActivityNotFoundException) {
            openAppPage()
        }
    }

    /** Allowed, it is a kind of notification that is turned off. */
    @TargetApi(Build.VERSION_CODES.TIRAMISU)
    private fun needsPermission() =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU && !context.may(Manifest.permission.POST_NOTIFICATIONS)

    /** The system's page of this app, where everything can be allowed. */
    fun openAppPage() = open(appPage(Settings.ACTION_APPLICATION_DETAILS_SETTINGS))

    private fun open(page: Intent) = context.startActivity(page.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))

    private fun page(what: Mend) =
        when (what) {
            Mend.NOTIFICATIONS -> noticesPage()
            Mend.FULL_SCREEN -> appPage("android.settings.MANAGE_APP_USE_FULL_SCREEN_INTENT")
            Mend.BATTERY -> appPage(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS)
            Mend.POWER -> Intent(Settings.ACTION_BATTERY_SAVER_SETTINGS)
            Mend.NETWORK -> Intent(Settings.ACTION_WIRELESS_SETTINGS)
            Mend.CLOCK -> Intent(Settings.ACTION_DATE_SETTINGS)
            Mend.ACCOUNT, Mend.DO_NOT_DISTURB, Mend.MICROPHONE -> appPage(Settings.ACTION_APPLICATION_DETAILS_SETTINGS)
        }

    private fun noticesPage() = Intent(Settings.ACTION_APP_NOTIFICATION_SETTINGS).putExtra(Settings.EXTRA_APP_PACKAGE, context.packageName)

    private fun appPage(action: String) = Intent(action, Uri.fromParts("package", context.packageName, null))
}
