package org.cooee.phone.requests

import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Request
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Strangers who wait for a word, who may ring at any time, and who is blocked. */
data class RequestsState(
    val requests: List<Request> = emptyList(),
    val allowed: List<String> = emptyList(),
    val blocked: List<String> = emptyList(),
    val read: Boolean = false,
)

/** What can happen on the screen. */
sealed interface RequestsEvent {
    data class Allow(val request: Request) : RequestsEvent

    data class Block(val request: Request) : RequestsEvent

    data class Disallow(val whom: String) : RequestsEvent

    data class Unblock(val whom: String) : RequestsEvent

    data class Open(val request: Request) : RequestsEvent

    data object Back : RequestsEvent
}

/** Letting strangers ring, or not. */
class RequestsModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<RequestsState, RequestsEvent>(RequestsState(), phone, scope) {
    init {
        core.people.follow { read() }
        phone.notices.quietSeen(Place.Requests)
    }

    override fun take(event: RequestsEvent) {
        when (event) {
            is RequestsEvent.Allow -> core.allow(event.request.person.address)
            is RequestsEvent.Block -> core.block(event.request.person.address)
            is RequestsEvent.Disallow -> core.disallow(event.whom)
            is RequestsEvent.Unblock -> core.unblock(event.whom)
            is RequestsEvent.Open -> navigator.go(Place.Contact(event.request.person))
            RequestsEvent.Back -> navigator.back()
        }
    }

    private suspend fun read() {
        val read = RequestsState(core.requests(), core.allowed(), core.blocked(), read = true)
        show { read }
    }
}
