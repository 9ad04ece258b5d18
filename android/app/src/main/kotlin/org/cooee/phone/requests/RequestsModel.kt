package org.cooee.phone.requests

import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Request
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Strangers who wait for a word, and who is blocked. */
data class RequestsState(
    val requests: List<Request> = emptyList(),
    val blocked: List<String> = emptyList(),
    val read: Boolean = false,
)

/** What can happen on the screen. */
sealed interface RequestsEvent {
    data class Allow(
        val request: Request,
    ) : RequestsEvent

    data class Block(
        val request: Request,
    ) : RequestsEvent

    data class Unblock(
        val whom: String,
    ) : RequestsEvent

    data class Open(
        val request: Request,
    ) : RequestsEvent

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
    }

    override fun take(event: RequestsEvent) {
        when (event) {
            is RequestsEvent.Allow -> core.allow(event.request.person.address)
            is RequestsEvent.Block -> core.block(event.request.person.address)
            is RequestsEvent.Unblock -> core.unblock(event.whom)
            is RequestsEvent.Open -> navigator.go(Place.Contact(event.request.person))
            RequestsEvent.Back -> navigator.back()
        }
    }

    private suspend fun read() {
        val (requests, blocked) = core.requests() to core.blocked()
        show { RequestsState(requests, blocked, read = true) }
    }
}
