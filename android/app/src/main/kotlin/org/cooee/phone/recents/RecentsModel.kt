package org.cooee.phone.recents

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import org.cooee.model.Core
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Recent calls, each with why it ended. */
class RecentsModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<RecentsState, RecentsEvent>(RecentsState(), phone, scope) {
    private var reading: Job? = null

    init {
        core.people.follow { read() }
    }

    override fun take(event: RecentsEvent) {
        when (event) {
            is RecentsEvent.Open -> navigator.go(Place.of(event.past))
            is RecentsEvent.Call -> phone.dialler.dial(event.past.peer.address, navigator)
            RecentsEvent.ReachedEnd -> readMore()
            RecentsEvent.Requests -> navigator.go(Place.Requests)
            RecentsEvent.Forget -> trying { core.forgetPast() }
        }
    }

    private suspend fun read() {
        val (page, requests) = core.past() to core.requests().size
        show { RecentsState(page, requests, more = page.size >= Core.PAGE) }
    }

    private fun readMore() {
        // Messages have numbers of their own.
        val last = state.value.past?.lastOrNull { it.text == null } ?: return
        if (!state.value.more || reading?.isActive == true) return
        reading =
            trying {
                val page = core.past(before = last.number)
                show { it.copy(past = it.past.orEmpty() + page, more = page.size >= Core.PAGE) }
            }
    }
}
