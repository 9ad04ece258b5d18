package org.cooee.phone.call

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.Moment
import org.cooee.model.front
import org.cooee.phone.Phone
import org.cooee.phone.call.CallEvent.OwnersTouch
import org.cooee.phone.call.CallEvent.Touch
import org.cooee.phone.may
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.screen.Wish
import org.cooee.phone.service.CallService
import java.io.Serializable

/** The calls, one in front. What can be done with it is the core's word alone. */
class CallModel(
    scope: CoroutineScope,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<CallScreenState, CallEvent>(CallScreenState(routes = phone.calls.routes.value), phone, scope) {
    init {
        put(core.calls.value, phone.switchboard.ended.value)
        scope.launch { combine(core.calls, phone.switchboard.ended, ::Pair).collect { (calls, ended) -> put(calls, ended) } }
        scope.launch { closeUnanswered() }
        scope.launch { phone.calls.routes.collect { routes -> show { it.copy(routes = routes) } } }
        scope.launch { state.map { it.peer?.address }.distinctUntilChanged().collectLatest { find(it) } }
    }

    /** Nobody has to close what rang and was never answered: it stands among the past calls. */
    private suspend fun closeUnanswered() {
        var rang = false
        state.map { it.call }.collect { if (it == null && rang) navigator.back() else rang = it?.rings == true }
    }

    private fun put(
        calls: List<Call>,
        ended: Moment.Ended?,
    ) = show { shown ->
        val front = calls.front()
        val account = core.status.value.accounts.firstOrNull { it.id == front?.account }
        shown.copy(
            call = front,
            other = calls.firstOrNull { it != front },
            // Nobody is shown by the name of who was here before.
            contact = shown.contact.takeIf { (front?.peer ?: ended?.peer)?.address == shown.peer?.address },
            ended = ended.takeIf { front == null },
            account = account?.address ?: shown.account,
            keypad = shown.keypad && front?.allowed?.contains(Action.DIGIT) == true,
            // Until the microphone, which was not ours when the call opened it, is opened anew.
            listenOnly = front?.isAnswered == true && (shown.listenOnly || !mayListen()),
        )
    }

    /** The microphone may have been allowed meanwhile, here or in the system's settings: then one is heard from now on. */
    fun look() {
        if (!state.value.listenOnly || !mayListen()) return
        show { it.copy(listenOnly = false) }
        CallService.start(phone.context)
        core.routeChanged()
    }

    private fun mayListen() = phone.context.may(Manifest.permission.RECORD_AUDIO)

    private suspend fun find(address: String?) {
        val contact = address?.let { phone.contacts.who(it) }
        show { it.copy(contact = contact) }
    }

    override var kept: Serializable?
        get() = state.value.keypad
        set(kept) = show { it.copy(keypad = kept == true && it.call?.allowed?.contains(Action.DIGIT) == true) }

    override fun take(event: CallEvent) {
        val (call, what) = if (event is CallEvent.Of) event.call to event.event else state.value.call?.id to event
        if (what.isOwners) asOwner { take(call, what) } else take(call, what)
    }

    /** Over the lock screen only after it has been opened. */
    fun asOwner(act: () -> Unit) = navigator.unlocked { phone.trying(act) }

    /** The call may be over by now: then nothing is meant any more. */
    private fun take(
        call: Long?,
        event: CallEvent,
    ) {
        if (call == null) after(event) else core.calls.value.firstOrNull { it.id == call }?.let { during(event, it) }
    }

    private fun during(
        event: CallEvent,
        call: Call,
    ) = when (event) {
        Touch.ANSWER -> if (call.rings) answering(Wish.Answer(call.id)) else Unit
        Touch.END_AND_ANSWER -> answering(Wish.Answer(call.id, endingOthers = true))
        Touch.DECLINE -> core.act(call.id, Action.DECLINE)
        Touch.HANG_UP -> core.act(call.id, Action.HANG_UP)
        Touch.MUTE -> core.act(call.id, if (Action.UNMUTE in call.allowed) Action.UNMUTE else Action.MUTE)
        Touch.HOLD -> core.act(call.id, if (Action.RESUME in call.allowed) Action.RESUME else Action.HOLD)
        Touch.SWAP -> state.value.other?.let { core.act(it.id, Action.RESUME) }
        Touch.KEYPAD -> show { it.copy(keypad = !it.keypad) }
        is CallEvent.Key -> core.digit(call.id, event.sign)
        is CallEvent.To -> phone.calls.go(event.route)
        OwnersTouch.SPEAK -> navigator.mend(Manifest.permission.RECORD_AUDIO)
        Touch.ADD -> navigator.go(Place.People)
        is CallEvent.Transfer -> core.transfer(call.id, event.target)
        OwnersTouch.JOIN -> state.value.other?.let { core.transferTo(call.id, it.id) }
        OwnersTouch.FOLLOW -> core.act(call.id, Action.FOLLOW_TRANSFER)
        Touch.REFUSE -> core.act(call.id, Action.REFUSE_TRANSFER)
        OwnersTouch.ALLOW -> core.allow(call.peer.address)
        OwnersTouch.BLOCK -> core.block(call.peer.address)
        is CallEvent.Reply -> write(call, event.text)
        is CallEvent.Write -> write(call, event.text)
        is CallEvent.Of, OwnersTouch.AGAIN, Touch.WHY, Touch.CLOSE -> Unit
    }

    /** Whoever calls learns at once that nobody answers now, and why. */
    private fun write(
        call: Call,
        text: String,
    ) = trying {
        core.message(call.peer.address, text)
        core.act(call.id, Action.DECLINE)
    }

    private fun answering(wish: Wish) = phone.dialler.wish(wish, navigator)

    private fun after(event: CallEvent) {
        val ended = state.value.ended
        when (event) {
            OwnersTouch.AGAIN -> ended?.let { phone.dialler.dial(it.peer.address, navigator) }
            Touch.WHY -> navigator.go(ended?.past?.let { Place.Story(it) } ?: Place.Recents)
            else -> navigator.back()
        }
    }
}
