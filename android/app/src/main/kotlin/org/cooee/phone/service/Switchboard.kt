package org.cooee.phone.service

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import org.cooee.model.Call
import org.cooee.model.Moment
import org.cooee.model.Names
import org.cooee.phone.Phone
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.words.say

/** The one in the app that listens to moments, and that tells the system of calls. */
class Switchboard(
    private val phone: Phone,
    private val scope: CoroutineScope,
) {
    /** How the last call ended; none while there is a new one. */
    val ended = MutableStateFlow<Moment.Ended?>(null)

    /** How the last test of ringing went; none while one is under way, or before. */
    val tested = MutableStateFlow<Moment.RingTested?>(null)
    var tests = false
        private set

    /** The screens of calls that can be seen. */
    private val seen = mutableSetOf<CallActivity>()
    val isVisible get() = seen.isNotEmpty()

    /** The calls there are, those among them that have only asked, and those that rang aloud. */
    private var known = emptySet<Long>()
    private var silent = emptySet<Long>()
    private var rang = emptySet<Long>()

    fun begin() {
        phone.others.watch()
        scope.launch { phone.core.calls.collect(::connect) }
        scope.launch { phone.core.moments.collect(::take) }
        scope.launch { phone.core.people.drop(1).collect { phone.trying { countAgain() } } }
        scope.launch { phone.calls.routes.map { it.current }.distinctUntilChanged().drop(1).collect { phone.core.routeChanged() } }
    }

    /** A screen of calls comes into sight or leaves it. */
    fun visible(
        screen: CallActivity,
        isVisible: Boolean,
    ) {
        if (isVisible) seen += screen else seen -= screen
        if (isVisible) phone.notices.opened()
        if (phone.core.calls.value.isNotEmpty()) CallService.start(phone.context)
    }

    /** Calls oneself, to see whether it rings. */
    fun testRinging(after: Int) {
        phone.core.testRinging(after)
        tests = true
        tested.value = null
    }

    private fun connect(calls: List<Call>) {
        if (calls.isNotEmpty()) ended.value = null
        phone.calls.show(calls)
        val ids = calls.map { it.id }.toSet()
        // What the service shows changes with the calls by itself.
        if ((ids - known).isNotEmpty()) CallService.start(phone.context)
        if (ids.isEmpty() && known.isNotEmpty()) leave()
        known = ids
        silent = silent + calls.filter { it.silently }.map { it.id } - calls.filter { !it.silently }.map { it.id }.toSet()
        rang += calls.filter { it.ringsAloud }.map { it.id }
    }

    private fun leave() {
        phone.notices.opened()
        CallService.over(phone.context)
    }

    /** Whoever only asks, or may not disturb, makes no sound afterwards either. */
    private suspend fun missed(moment: Moment.Ended) =
        when {
            moment.call in silent -> quiet(Place.Requests)
            phone.core.status.value.doNotDisturb && moment.call !in rang -> quiet(Place.Recents)
            else -> phone.notices.missed(moment.peer, nameOf(moment.peer.address))
        }

    /** Strangers' texts stand among the past calls, too: only their calls are requests. */
    private suspend fun message(moment: Moment.Message) =
        if (moment.silently) quiet(Place.Recents) else phone.notices.message(moment.from, moment.text, nameOf(moment.from.address))

    private suspend fun failed(moment: Moment.MessageFailed) {
        val whom = phone.core.past().firstOrNull { it.failed && it.number == moment.message }?.peer
        val why = phone.context.say(moment.why)
        phone.tell(whom?.let { phone.context.getString(R.string.message_failed, Names.isolate(Names.of(it)), why) } ?: why)
    }

    /** Who has just called may not be among them yet. */
    private suspend fun quiet(place: Place) = phone.notices.quiet(place, count(place).coerceAtLeast(1))

    private suspend fun count(place: Place) = if (place == Place.Requests) phone.core.requests().size else phone.core.unseen()

    private suspend fun countAgain() =
        listOf(Place.Requests, Place.Recents).filter(phone.notices::showsQuiet).forEach { phone.notices.quiet(it, count(it)) }

    /** After an overflow nothing is to be read again: streams have the latest. */
    private suspend fun take(moment: Moment) {
        when (moment) {
            is Moment.Ended -> end(moment)
            is Moment.Logged -> ended.value = ended.value?.let { if (it.call == moment.call) it.copy(past = moment.past) else it }
            is Moment.DialRefused -> refuse(moment)
            is Moment.Message -> phone.trying { message(moment) }
            is Moment.MessageFailed -> phone.trying { failed(moment) }
            is Moment.Transfer -> phone.tell(phone.context.say(moment.says))
            is Moment.RingTested -> endTest(moment)
            is Moment.NoSound -> phone.tell(phone.context.say(moment.why))
            is Moment.ActionFailed -> phone.tell(phone.context.getString(R.string.call_action_failed))
            Moment.Overflow -> phone.dialler.over(null)
        }
    }

    /** Whoever has not seen a call of it has nothing to look at. */
    private fun refuse(moment: Moment.DialRefused) {
        phone.dialler.over(moment.call)
        seen.forEach { it.leaveIfOver() }
        phone.tell(phone.context.say(moment.why))
    }

    private suspend fun end(moment: Moment.Ended) {
        ended.value = moment
        phone.dialler.over(moment.call)
        if (moment.missed) phone.trying { missed(moment) }
        silent -= moment.call
        rang -= moment.call
    }

    private fun endTest(moment: Moment.RingTested) {
        tests = false
        tested.value = moment
    }

    private suspend fun nameOf(address: String) = phone.contacts.who(address)?.name
}
