package org.cooee.phone.service

import android.Manifest
import android.annotation.TargetApi
import android.app.Notification
import android.app.NotificationManager
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch
import org.cooee.model.Call
import org.cooee.phone.MainThread
import org.cooee.phone.notice.CallNotice
import org.cooee.phone.phone
import org.cooee.phone.service

/** Holds the process while there are calls, shows their notification, and rings. */
class CallService : Service() {
    private val scope = CoroutineScope(SupervisorJob() + MainThread)
    private var before = emptyList<Call>()

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onCreate() {
        super.onCreate()
        scope.launch { combine(phone.core.calls, phone.calls.mayRing, ::Pair).collect { (calls, mayRing) -> follow(calls, mayRing) } }
    }

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        id: Int,
    ): Int {
        val calls = phone.core.calls.value
        if (calls.isEmpty()) stopSelf() else show(front(calls))
        return START_NOT_STICKY
    }

    private fun follow(
        calls: List<Call>,
        mayRing: Set<Long>,
    ) {
        ring(calls, mayRing)
        if (before.any { it.isAnswered } && calls.none { it.isAnswered }) phone.ringer.ended()
        if (calls.any { !it.incoming && it.isAnswered } && before.any { !it.incoming && !it.isAnswered }) phone.ringer.connected()
        before = calls
        if (calls.isEmpty()) {
            stopForeground(STOP_FOREGROUND_REMOVE)
            stopSelf()
        } else {
            show(front(calls))
        }
    }

    /** A call rings once the system says so, and not at all in a call: there it knocks. */
    private fun ring(
        calls: List<Call>,
        mayRing: Set<Long>,
    ) {
        val ringing = calls.filter { it.rings && !it.silently && it.id in mayRing }
        val isTalking = calls.any { it.isAnswered }
        when {
            ringing.isEmpty() -> phone.ringer.stop()
            isTalking -> if (before.none { it.id == ringing.first().id }) phone.ringer.knock()
            else -> phone.ringer.ring()
        }
    }

    private fun front(calls: List<Call>) = calls.firstOrNull { it.rings } ?: calls.first()

    private fun show(call: Call) {
        val notice = CallNotice(this).of(call)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) foreground(notice, call) else startForeground(NOTICE, notice)
        scope.launch {
            val name = phone.contacts.who(call.peer.address)?.name ?: return@launch
            if (phone.core.calls.value.any {
                    it.id == call.id
                }
            ) {
                service<NotificationManager>().notify(NOTICE, CallNotice(this@CallService).of(call, name))
            }
        }
    }

    /** The microphone is ours only once a call is answered, it is allowed, and a screen of ours is there. */
    @TargetApi(Build.VERSION_CODES.Q)
    private fun foreground(
        notice: Notification,
        call: Call,
    ) {
        var type = ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL
        val mayRecord = checkSelfPermission(Manifest.permission.RECORD_AUDIO) == PackageManager.PERMISSION_GRANTED
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R && call.isAnswered && mayRecord && phone.switchboard.isVisible) {
            type = type or MICROPHONE
        }
        startForeground(NOTICE, notice, type)
    }

    override fun onDestroy() {
        phone.ringer.stop()
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        private const val NOTICE = 1

        /** `FOREGROUND_SERVICE_TYPE_MICROPHONE`, of Android 11. */
        private const val MICROPHONE = 1 shl 7

        /** Starts it, or shows anew what it shows. */
        fun start(context: Context) {
            try {
                context.startForegroundService(Intent(context, CallService::class.java))
            } catch (_: IllegalStateException) {
                // The system does not let a service begin now, in the background: the notification rings by itself.
                val call = context.phone.core.calls.value.firstOrNull() ?: return
                context.service<NotificationManager>().notify(NOTICE, CallNotice(context).of(call))
            }
        }
    }
}
