package org.cooee.phone.recents

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import org.cooee.model.Core
import org.cooee.model.Past
import org.cooee.phone.Phone
import org.cooee.phone.recents.RecentsEvent.Touch
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Recent calls, each with why it ended. */
class RecentsModel(
    scope: CoroutineScope,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<RecentsState, RecentsEvent>(RecentsState(), phone, scope) {
    private var reading: Job? = null
    private var isLookedAt = false

    /** What was new when it was looked at: it shows as that as long as one stays. */
    private val news = mutableSetOf<Pair<Boolean, Long>>()

    init {
        core.people.follow { read() }
        core.status.follow { status -> show { it.copy(voiceMessages = status.accounts.sumOf { one -> one.voiceMessages ?: 0 }) } }
    }

    override fun take(event: RecentsEvent) {
        when (event) {
            is RecentsEvent.Open -> navigator.go(Place.of(event.past))
            is RecentsEvent.Call -> phone.dialler.dial(event.past.peer.address, navigator)
            is RecentsEvent.Looked -> look(event.on)
            Touch.REACHED_END -> readMore()
            Touch.REQUESTS -> navigator.go(Place.Requests)
            Touch.FORGET -> trying { core.forgetPast() }
        }
    }

    private suspend fun read() {
        val (page, requests) = core.past() to core.requests().size
        show { it.copy(past = page.map(::mark), requests = requests, more = page.size >= Core.PAGE) }
        see()
    }

    private fun look(on: Boolean) {
        isLookedAt = on
        if (on) phone.notices.missedSeen()
        see()
    }

    /** Tells the core of what the person sees only now. */
    private fun see() {
        val fresh = state.value.past.orEmpty().filter { it.isNew && key(it) !in news }
        if (!isLookedAt || fresh.isEmpty()) return
        news += fresh.map(::key)
        trying { core.see(fresh) }
    }

    private fun mark(past: Past) = past.copy(isNew = past.isNew || key(past) in news)

    /** Messages have numbers of their own. */
    private fun key(past: Past) = (past.text == null) to past.number

    private fun readMore() {
        val shown = state.value.past ?: return
        if (!state.value.more || reading?.isActive == true) return
        reading =
            trying {
                val page = core.past(shown)
                show { it.copy(past = it.past.orEmpty() + page.map(::mark), more = page.size >= Core.PAGE) }
            }
    }
}
