package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Core
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.phone.Phone
import org.cooee.phone.people.Line
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** The page of somebody. */
class ContactModel(
    scope: CoroutineScope,
    private val place: Place.Contact,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<ContactState, ContactEvent>(ContactState(Person(place.address, place.name)), phone, scope) {
    init {
        core.people.follow { read() }
        phone.notices.messagesSeen(place.address)
    }

    override fun take(event: ContactEvent) {
        val address = state.value.person.address
        when (event) {
            is ContactEvent.Call -> phone.dialler.dial(event.address, navigator)
            is ContactEvent.Choose -> core.choose(address, event.address)
            is ContactEvent.Write -> trying { core.message(address, event.text) }
            is ContactEvent.Open -> open(event.past)
            ContactEvent.Verify -> navigator.go(Place.Safety(address, state.value.person.name))
            ContactEvent.Allow -> core.allow(address)
            ContactEvent.Disallow -> core.disallow(state.value.standing.allowedBy ?: address)
            ContactEvent.Block -> core.block(address)
            ContactEvent.Unblock -> core.unblock(state.value.standing.blockedBy ?: address)
            ContactEvent.Back -> navigator.back()
        }
    }

    /** A message leads to whom it is with, and there one is. */
    private fun open(past: Past) {
        if (past.text == null) navigator.go(Place.of(past))
    }

    private suspend fun read() {
        val contact = phone.contacts.who(place.address)
        val id = place.id ?: contact?.id
        val others = id?.let { phone.contacts.addresses(listOf(it))[it] }.orEmpty()
        val addresses = (listOf(place.address) + others).filter { it.isNotEmpty() && !Person(it).isWithheld }.distinct()
        val lines = addresses.take(Core.PAGE).let { page -> page.zip(core.reach(page)) { address, reach -> Line(address, reach) } }
        val address = place.address.ifEmpty { addresses.firstOrNull().orEmpty() }
        val past = core.past(with = addresses)
        val standing = core.standing(address)
        show { ContactState(it.person.copy(address = address), contact?.photo, lines, past, standing) }
    }
}
