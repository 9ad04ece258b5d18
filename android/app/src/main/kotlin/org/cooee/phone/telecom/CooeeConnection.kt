package org.cooee.phone.telecom

import android.annotation.TargetApi
import android.os.Build
import android.os.OutcomeReceiver
import android.telecom.CallAudioState
import android.telecom.CallEndpoint
import android.telecom.CallEndpointException
import android.telecom.Connection
import android.telecom.DisconnectCause
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Core

/** A call as Telecom sees it. For Telecom a call is active once it is answered; ours is once sound flows: the two are never mixed. */
class CooeeConnection(
    private val calls: TelecomCalls,
    private val core: Core,
    private val id: Long,
) : Connection() {
    private var endpoints = emptyList<CallEndpoint>()

    /** A headset or a car has muted it, and whether the call was muted, by whomever. */
    private var isMutedBySystem = false
    private var wasMuted = false

    /** The system took the sound, for a call of its own. */
    private var isHeldBySystem = false

    init {
        connectionProperties = PROPERTY_SELF_MANAGED
        connectionCapabilities = CAPABILITY_HOLD or CAPABILITY_SUPPORT_HOLD or CAPABILITY_MUTE
        setAudioModeIsVoip(true)
    }

    fun show(call: Call) {
        if (isMutedBySystem && wasMuted && !call.muted) unmute()
        wasMuted = call.muted
        when {
            call.state == CallState.HELD && call.heldByUs -> if (state != STATE_HOLDING) setOnHold()
            call.isAnswered -> if (state != STATE_ACTIVE) activate()
            call.incoming -> if (state != STATE_RINGING) setRinging()
            else -> if (state != STATE_DIALING) setDialing()
        }
    }

    /** The person does so here: otherwise the system's own mute would stand. */
    private fun unmute() {
        isMutedBySystem = false
        calls.unmute()
    }

    /** Also when the person takes the call back: then the sound is ours. */
    private fun activate() {
        if (state == STATE_HOLDING && isHeldBySystem) giveBack()
        setActive()
    }

    /** The call is over. */
    fun end() {
        if (isHeldBySystem) giveBack()
        setDisconnected(DisconnectCause(DisconnectCause.REMOTE))
        destroy()
    }

    override fun onShowIncomingCallUi() = calls.ring(id)

    /** From Android 10 on; the key itself goes to the system. */
    override fun onSilence() {
        calls.silence()
    }

    override fun onAnswer() = calls.answer(id)

    override fun onReject() = act(Action.DECLINE)

    override fun onDisconnect() = act(Action.HANG_UP)

    override fun onAbort() = act(Action.HANG_UP)

    /** Not for another call of ours: of those the core decides. */
    override fun onHold() {
        if (core.calls.value.any { it.id != id && it.isAnswered && it.state != CallState.HELD }) return
        isHeldBySystem = true
        calls.others.hasSound = true
    }

    override fun onUnhold() = if (isHeldBySystem) giveBack() else act(Action.RESUME)

    private fun giveBack() {
        isHeldBySystem = false
        calls.others.hasSound = false
    }

    private fun act(action: Action) {
        val call = core.calls.value.firstOrNull { it.id == id }
        if (call != null && action in call.allowed) calls.act(id, action)
    }

    /** Called from Android 14 on. */
    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    override fun onMuteStateChanged(isMuted: Boolean) {
        if (isMuted == isMutedBySystem) return
        isMutedBySystem = isMuted
        act(if (isMuted) Action.MUTE else Action.UNMUTE)
    }

    /** To Android 13 the ways of the sound are bits of a mask; from 14 on they are endpoints. */
    @Deprecated("Called to Android 13.")
    @Suppress("DEPRECATION")
    override fun onCallAudioStateChanged(state: CallAudioState?) {
        if (state == null || Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return
        onMuteStateChanged(state.isMuted)
        val available = MASKS.filter { (_, mask) -> state.supportedRouteMask and mask != 0 }.keys.toList()
        val current = MASKS.entries.firstOrNull { it.value == state.route }?.key ?: Route.EARPIECE
        calls.routes.value = Routes(current, available)
    }

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    override fun onAvailableCallEndpointsChanged(available: List<CallEndpoint>) {
        endpoints = available
        calls.routes.value = calls.routes.value.copy(available = available.mapNotNull { TYPES[it.endpointType] }.distinct())
    }

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    override fun onCallEndpointChanged(endpoint: CallEndpoint) {
        TYPES[endpoint.endpointType]?.let { calls.routes.value = calls.routes.value.copy(current = it) }
    }

    @Suppress("DEPRECATION")
    fun go(route: Route) =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) goTo(route) else setAudioRoute(MASKS.getValue(route))

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    private fun goTo(route: Route) {
        val endpoint = endpoints.firstOrNull { TYPES[it.endpointType] == route } ?: return
        // Where the sound goes then is told by onCallEndpointChanged.
        requestCallEndpointChange(endpoint, Runnable::run, OutcomeReceiver<Void, CallEndpointException> {})
    }

    private companion object {
        @Suppress("DEPRECATION")
        val MASKS =
            mapOf(
                Route.EARPIECE to CallAudioState.ROUTE_EARPIECE,
                Route.SPEAKER to CallAudioState.ROUTE_SPEAKER,
                Route.WIRED to CallAudioState.ROUTE_WIRED_HEADSET,
                Route.BLUETOOTH to CallAudioState.ROUTE_BLUETOOTH,
            )

        /** By the numbers of `CallEndpoint.TYPE_…`. */
        val TYPES = mapOf(1 to Route.EARPIECE, 2 to Route.BLUETOOTH, 3 to Route.WIRED, 4 to Route.SPEAKER)
    }
}
