package org.cooee.phone.telecom

import android.content.ComponentName
import android.content.Context
import android.media.AudioManager
import android.net.Uri
import android.os.Bundle
import android.telecom.PhoneAccount
import android.telecom.PhoneAccountHandle
import android.telecom.TelecomManager
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Core
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.phone
import org.cooee.phone.service
import org.cooee.phone.words.who

/** Our calls as the system's own: they and calls of the mobile network know of each other, headsets and cars answer them. */
class TelecomCalls(
    private val context: Context,
    private val core: Core,
    val others: OtherCalls,
) : SystemCalls {
    override val routes = MutableStateFlow(Routes())
    override val mayRing = MutableStateFlow(emptySet<Long>())
    private val telecom = context.service<TelecomManager>()
    private val connections = mutableMapOf<Long, CooeeConnection>()
    private var known = emptySet<Long>()

    /** Of these, what the system did not take beside another that rang. */
    private var refused = emptySet<Long>()

    /** The account under which the system knows our calls. */
    val account = PhoneAccountHandle(ComponentName(context, CooeeConnectionService::class.java), "cooee")

    /** Makes us known to the system; again does no harm. */
    fun register() =
        isTaken {
            telecom.registerPhoneAccount(
                PhoneAccount
                    .builder(account, context.getString(R.string.app_name))
                    .setCapabilities(PhoneAccount.CAPABILITY_SELF_MANAGED)
                    .addSupportedUriScheme(PhoneAccount.SCHEME_SIP)
                    .addSupportedUriScheme(PhoneAccount.SCHEME_TEL)
                    .build(),
            )
        }

    /**
     * Whether the system takes what it is told. It may not have us, our account may be switched off there, or its Telecom be broken in a way
     * of its own: the call goes on as if there were none.
     */
    private fun isTaken(tell: () -> Unit) =
        try {
            tell()
            true
        } catch (_: RuntimeException) {
            false
        }

    override fun show(calls: List<Call>) {
        // The system lets one call of ours ring: a stranger who asks without a sound takes nobody's place.
        val here = calls.filterNot { it.rings && it.silently }
        if (!anotherRings(here)) {
            known -= refused
            refused = emptySet()
        }
        here.filter { it.id !in known }.forEach(::announce)
        known = here.map { it.id }.toSet()
        // First those on hold: the system holds one of ours by itself while another becomes active.
        calls.sortedByDescending { it.state == CallState.HELD }.forEach { connections[it.id]?.show(it) }
        (connections.keys - known).forEach { connections.remove(it)?.end() }
        mayRing.update { it intersect known }
    }

    private fun announce(call: Call) {
        val extras = Bundle().apply { putLong(CALL, call.id) }
        if (call.incoming) {
            extras.putParcelable(TelecomManager.EXTRA_INCOMING_CALL_ADDRESS, uri(call))
            if (!isTaken { telecom.addNewIncomingCall(account, extras) }) ring(call.id)
        } else {
            val outgoing = Bundle()
            outgoing.putParcelable(TelecomManager.EXTRA_PHONE_ACCOUNT_HANDLE, account)
            outgoing.putBundle(TelecomManager.EXTRA_OUTGOING_CALL_EXTRAS, extras)
            isTaken { telecom.placeCall(uri(call), outgoing) }
        }
    }

    private fun uri(call: Call): Uri = Uri.fromParts(PhoneAccount.SCHEME_SIP, call.peer.address, null)

    /** The system has made a connection of a call; none if the call is over already. */
    fun connect(id: Long): CooeeConnection? {
        val call = core.calls.value.firstOrNull { it.id == id } ?: return null
        val connection = connections.getOrPut(id) { CooeeConnection(this, core, id) }
        connection.show(call)
        introduce(call, connection)
        return connection
    }

    /** As headsets and cars show it. */
    private fun introduce(
        call: Call,
        connection: CooeeConnection,
    ) {
        val shown = if (call.anonymous) TelecomManager.PRESENTATION_RESTRICTED else TelecomManager.PRESENTATION_ALLOWED
        connection.setAddress(uri(call), shown)
        context.phone.scope.launch {
            connection.setCallerDisplayName(context.who(call, context.phone.contacts.who(call.peer.address)?.name), shown)
        }
    }

    private fun anotherRings(
        calls: List<Call>,
        than: Long? = null,
    ) = calls.any { it.rings && it.id != than && it.id in known && it.id !in refused }

    /** The system does not allow a call now. Beside another of ours that rings, or once spoken in, it goes on without the system. */
    fun refused(id: Long) {
        val call = core.calls.value.firstOrNull { it.id == id } ?: return
        if (call.incoming && !call.rings) return
        if (call.rings && anotherRings(core.calls.value, than = id)) {
            refused += id
            return ring(id)
        }
        act(id, if (Action.DECLINE in call.allowed) Action.DECLINE else Action.HANG_UP)
    }

    /** The system wants something of a call, which may have gone on meanwhile. */
    fun act(
        id: Long,
        action: Action,
    ) = context.phone.trying { core.act(id, action) }

    fun unmute() {
        context.service<AudioManager>().isMicrophoneMute = false
    }

    /** The person has touched the volume or the power key. */
    fun silence() = context.phone.ringer.silence()

    /** The system says that a call may ring. */
    fun ring(id: Long) = mayRing.update { it + id }

    override fun go(route: Route) = connections.values.forEach { it.go(route) }

    /** Opens the screen that answers; where the system does not let it open, a notification does. */
    fun answer(id: Long) {
        if (!context.phone.switchboard.isVisible) context.phone.notices.openToSpeak(id)
        context.startActivity(CallActivity.answer(context, id))
    }

    companion object {
        /** A call's id, among the extras of Telecom's requests. */
        const val CALL = "org.cooee.call"
    }
}
