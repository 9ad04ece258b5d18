package org.cooee.phone.service

import android.Manifest
import android.annotation.TargetApi
import android.app.Notification
import android.app.NotificationManager
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import android.os.PowerManager
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.launch
import org.cooee.model.Call
import org.cooee.model.front
import org.cooee.phone.MainThread
import org.cooee.phone.contacts.Contact
import org.cooee.phone.may
import org.cooee.phone.notice.CallNotice
import org.cooee.phone.phone
import org.cooee.phone.ring.Alert
import org.cooee.phone.ring.Alerts
import org.cooee.phone.ring.DoNotDisturb
import org.cooee.phone.service
import org.cooee.phone.telecom.Route

/** Holds the process while there are calls, shows their notification, and rings. */
class CallService : Service() {
    private val scope = CoroutineScope(SupervisorJob() + MainThread)

    /** Calls that were dialled with a screen of ours there: the system lends their microphone though one looks away. */
    private var seen = emptyList<Long>()

    private val alerts = Alerts()

    /** What the notification says. */
    private var shown: Shown? = null
    private var looking: Job? = null

    /** A call on hold makes no sound that would keep the device awake, and yet has to answer its peer. */
    private val lock by lazy { service<PowerManager>().newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "cooee:call") }
    private val ear by lazy { Ear(this) }
    private val doNotDisturb by lazy { DoNotDisturb(this) }

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onCreate() {
        super.onCreate()
        lock.acquire()
        scope.launch {
            combine(phone.core.calls, phone.calls.mayRing, phone.others.isThere, ::Triple)
                .collect { (calls, mayRing, isOtherThere) -> follow(calls, mayRing, isOtherThere) }
        }
        scope.launch {
            combine(phone.core.calls, phone.calls.routes) { calls, routes -> routes.current == Route.EARPIECE && calls.any { !it.rings } }
                .distinctUntilChanged()
                .collect(ear::follow)
        }
    }

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        id: Int,
    ): Int {
        val calls = phone.core.calls.value
        see(calls)
        calls.front()?.let(::foreground) ?: end()
        return START_NOT_STICKY
    }

    private fun follow(
        calls: List<Call>,
        mayRing: Set<Long>,
        isOtherThere: Boolean,
    ) {
        alerts.follow(calls, mayRing, isOtherThere).forEach(::alert)
        see(calls)
        calls.front()?.let(::show) ?: end()
    }

    private fun see(calls: List<Call>) {
        if (phone.switchboard.isVisible) seen = calls.filter { !it.incoming }.map { it.id }
    }

    /** The system insists that who was started shows itself, though it be for a moment. */
    private fun end() {
        looking?.cancel()
        shown = null
        foreground(CallNotice(this).ofNone())
        stopForeground(STOP_FOREGROUND_REMOVE)
        stopSelf()
    }

    /** Also where another call was silenced. While nobody is to disturb but some, it is asked first who that is. */
    private fun ring(call: Call) {
        phone.ringer.stop()
        if (doNotDisturb.isOff) return phone.ringer.ring()
        scope.launch {
            val contact = phone.contacts.who(call.peer.address)
            val calls = phone.core.calls.value
            val isAlone = calls.any { it.id == call.id && it.ringsAloud } && calls.none { it.isAnswered } && !phone.others.isThere.value
            if (isAlone && doNotDisturb.lets(call.peer, contact)) phone.ringer.ring()
        }
    }

    private fun alert(alert: Alert) =
        when (alert) {
            is Alert.Ring -> ring(alert.call)
            Alert.Quiet -> phone.ringer.stop()
            Alert.Knock -> phone.ringer.knock()
            Alert.Connected -> phone.ringer.connected()
            Alert.Ended -> phone.ringer.ended()
        }

    /** Calls change every few seconds, with what is measured of them; what is shown of them here does not. */
    private fun show(call: Call) {
        if (shown?.copy(contact = null) != shown(call)) foreground(call)
    }

    private fun foreground(call: Call) {
        val now = shown(call).copy(contact = shown?.contact?.takeIf { shown?.call?.peer == call.peer })
        shown = now
        foreground(CallNotice(this).of(call, now.contact))
        looking?.cancel()
        looking = scope.launch { introduce(call, phone.contacts.who(call.peer.address)) }
    }

    private fun introduce(
        call: Call,
        contact: Contact?,
    ) {
        if (contact == shown?.contact) return
        shown = shown?.copy(contact = contact)
        service<NotificationManager>().notify(NOTICE, CallNotice(this).of(call, contact))
    }

    private fun shown(call: Call) = Shown(call.steady(), mayTakeMicrophone())

    /**
     * The microphone is ours only once a call is answered, it is allowed, and a screen of ours is there, or was while it was dialled; once
     * ours, it is not taken back because no screen is seen any more, or another call rings.
     */
    private fun mayTakeMicrophone(): Boolean {
        val calls = phone.core.calls.value
        val isSeen = phone.switchboard.isVisible || calls.any { it.isAnswered && it.id in seen }
        return calls.any { it.isAnswered } && may(Manifest.permission.RECORD_AUDIO) &&
            (isSeen || (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R && hasMicrophone()))
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun hasMicrophone() = foregroundServiceType and ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE != 0

    /** Where the system sees nobody who sees us, one can listen until the app is opened. */
    private fun foreground(notice: Notification) {
        val withMicrophone = mayTakeMicrophone()
        if (withMicrophone && begin(notice, true)) return
        if (!begin(notice, false)) service<NotificationManager>().notify(NOTICE, notice)
        if (withMicrophone) phone.core.calls.value.front()?.let { phone.notices.openToSpeak(it.id) }
    }

    /** Whether the system lets it. Before Android 11 whoever is in the foreground may record. */
    @TargetApi(Build.VERSION_CODES.R)
    private fun begin(
        notice: Notification,
        withMicrophone: Boolean,
    ): Boolean {
        val needsType = withMicrophone && Build.VERSION.SDK_INT >= Build.VERSION_CODES.R
        val microphone = if (needsType) ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE else 0
        try {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) {
                startForeground(NOTICE, notice)
            } else {
                startForeground(NOTICE, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL or microphone)
            }
        } catch (_: SecurityException) {
            return false
        } catch (_: IllegalStateException) {
            return false
        }
        return true
    }

    override fun onDestroy() {
        phone.ringer.stop()
        scope.cancel()
        ear.leave()
        lock.release()
        super.onDestroy()
    }

    /** All that the notification and the kind of service depend on. */
    private data class Shown(
        val call: Call,
        val mayTakeMicrophone: Boolean,
        /** Who that is, once the phone's contacts were asked. */
        val contact: Contact? = null,
    )

    companion object {
        private const val NOTICE = 1

        /** There are no calls: what could only be shown without the service goes, too. */
        fun over(context: Context) {
            context.service<NotificationManager>().cancel(NOTICE)
            context.phone.ringer.stop()
        }

        /** Starts it, or shows anew what it shows. */
        fun start(context: Context) {
            try {
                context.startForegroundService(Intent(context, CallService::class.java))
            } catch (_: IllegalStateException) {
                // The system does not let a service begin now, in the background: a notification with its full screen, and the ringer, have to do.
                val (calls, others) = context.phone.core.calls.value to context.phone.others
                val call = calls.front()?.takeIf { it.ringsAloud } ?: return
                context.service<NotificationManager>().notify(NOTICE, CallNotice(context).of(call))
                val isTalking = others.isThere.value || calls.any { it.isAnswered }
                when {
                    isTalking -> context.phone.ringer.knock()
                    DoNotDisturb(context).lets(call.peer, null) -> context.phone.ringer.ring()
                }
            }
        }
    }
}
