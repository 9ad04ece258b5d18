package org.cooee.phone.requests

import kotlinx.coroutines.CoroutineScope
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Letting strangers ring, or not. */
class RequestsModel(
    scope: CoroutineScope,
    private val phone: Phone,
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
