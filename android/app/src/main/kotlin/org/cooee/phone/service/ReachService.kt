package org.cooee.phone.service

import android.app.Service
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import android.os.PowerManager
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.distinctUntilChangedBy
import kotlinx.coroutines.launch
import org.cooee.model.Status
import org.cooee.phone.HomeActivity
import org.cooee.phone.MainThread
import org.cooee.phone.device.Networks
import org.cooee.phone.notice.Channels
import org.cooee.phone.notice.notice
import org.cooee.phone.notice.opens
import org.cooee.phone.phone
import org.cooee.phone.screen.Place
import org.cooee.phone.words.say

/** Keeps the connection to the accounts' servers, so that calls come in: as long as there are accounts. */
class ReachService : Service() {
    private val scope = CoroutineScope(SupervisorJob() + MainThread)
    private lateinit var networks: Networks

    /** The battery is to be saved, or no more. */
    private val power =
        object : BroadcastReceiver() {
            override fun onReceive(
                context: Context?,
                intent: Intent?,
            ) = phone.surround()
        }

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onCreate() {
        super.onCreate()
        networks = Networks(this) { phone.surround(it) }
        networks.watch()
        registerReceiver(power, IntentFilter(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED))
        scope.launch { phone.core.status.distinctUntilChangedBy { it.isOver to say(it) }.collect(::show) }
    }

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        id: Int,
    ): Int {
        show(phone.core.status.value)
        return START_STICKY
    }

    /** The system insists that who was started shows itself, though it be for a moment. */
    private fun show(status: Status) {
        showNotice(status)
        if (status.isOver) {
            stopForeground(STOP_FOREGROUND_REMOVE)
            stopSelf()
        }
    }

    private val Status.isOver get() = started && accounts.isEmpty()

    private fun showNotice(status: Status) {
        val notice =
            notice(Channels.REACH)
                .setContentTitle(say(status))
                .setContentIntent(opens(HomeActivity.at(this, Place.Settings)))
                .setOngoing(true)
                .build()
        try {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
                startForeground(NOTICE, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_SPECIAL_USE)
            } else {
                startForeground(NOTICE, notice)
            }
        } catch (_: IllegalStateException) {
            // The system has begun it anew behind the scenes, and does not let it show itself: it comes with the next alarm.
            stopSelf()
        }
    }

    override fun onDestroy() {
        networks.leave()
        unregisterReceiver(power)
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        private const val NOTICE = 2

        fun start(context: Context) {
            try {
                context.startForegroundService(Intent(context, ReachService::class.java))
            } catch (_: IllegalStateException) {
                // Not now: it is begun when the app is opened, or at the next alarm.
                return
            }
        }
    }
}
