package org.cooee.phone.people

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import org.cooee.model.Core
import org.cooee.model.Reach
import org.cooee.model.ReachState
import org.cooee.model.Refusal
import org.cooee.phone.Phone
import org.cooee.phone.contacts.ContactList
import org.cooee.phone.people.PeopleEvent.Touch
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import java.io.Serializable

/** People and the dial field. */
class PeopleModel(
    scope: CoroutineScope,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<PeopleState, PeopleEvent>(PeopleState(phone.core.status.value, mayRead = phone.contacts.isOpen), phone, scope) {
    private val book = phone.contacts
    private val dialler = phone.dialler
    private var understanding: Job? = null
    private var listing: Job? = null
    private var asked = 0 until 0

    init {
        core.status.follow { status -> show { it.copy(status = status) } }
        core.people.follow { readRecent() }
        core.people.drop(1).follow { askAgain() }
        book.changes.follow { list() }
        scope.coroutineContext[Job]?.invokeOnCompletion { state.value.contacts.close() }
    }

    override fun take(event: PeopleEvent) {
        when (event) {
            is PeopleEvent.Typed -> type(event.text)
            is PeopleEvent.Key -> type(state.value.text + event.sign)
            Touch.KEYPAD -> show { it.copy(keypad = !it.keypad) }
            Touch.CALL_TYPED -> dialler.dial(state.value.text, navigator)
            is PeopleEvent.Call -> dialler.dial(event.address, navigator)
            is PeopleEvent.Seen -> look(event.first until event.first + event.count)
            is PeopleEvent.Open -> open(event.contact)
            is PeopleEvent.OpenPast -> navigator.go(Place.Contact(event.past.peer))
            Touch.OPEN_STATUS -> navigator.go(Place.Settings)
            Touch.ALLOW_CONTACTS -> navigator.mend(Manifest.permission.READ_CONTACTS)
        }
    }

    override var kept: Serializable?
        get() = state.value.keypad
        set(kept) = show { it.copy(keypad = kept == true) }

    private fun type(text: String) {
        if (text == state.value.text) return
        show { it.copy(text = text) }
        understanding?.cancel()
        understanding =
            trying {
                val meaning = core.understand(text)
                show { it.copy(meaning = meaning) }
            }
        list()
    }

    private fun list() {
        listing?.cancel()
        listing =
            scope.launch {
                val (found, before) = book.list(state.value.text) to state.value.contacts
                asked = 0 until 0
                show { it.copy(contacts = found, mayRead = book.isOpen, lines = emptyMap()) }
                try {
                    // The screen draws the new ones first.
                    yield()
                } finally {
                    before.close()
                }
            }
    }

    private suspend fun readRecent() {
        val recent = core.past().distinctBy { it.peer.address }.take(RECENT)
        show { it.copy(recent = recent) }
    }

    /** Something else is known of people. */
    private fun askAgain() {
        val again = asked
        asked = 0 until 0
        look(again)
    }

    private fun look(seen: IntRange) {
        val contacts = state.value.contacts
        val page = if (seen.isEmpty()) seen else seen.first / PAGE * PAGE until minOf((seen.last / PAGE + 1) * PAGE, contacts.size)
        if (page.isEmpty() || (page.first >= asked.first && page.last <= asked.last)) return
        asked = page
        scope.launch {
            val lines = lines(contacts, page)
            // Others may have been looked at meanwhile.
            if (state.value.contacts === contacts && asked == page) show { it.copy(lines = lines) }
        }
    }

    /** What a page of contacts can be called at: one question to the contacts, one to the core. */
    private suspend fun lines(
        contacts: ContactList,
        page: IntRange,
    ): Map<Long, Line?> {
        val ids = page.take(Core.PAGE).map { contacts[it].id }
        val addresses = book.addresses(ids).mapValues { it.value.first() }
        val reached = addresses.keys.zip(reach(addresses.values.toList())).toMap()
        return ids.associateWith { id -> addresses[id]?.let { Line(it, reached.getValue(id)) } }
    }

    private suspend fun reach(addresses: List<String>): List<Reach> =
        try {
            core.reach(addresses)
        } catch (_: Refusal) {
            // What is known cannot be read: then nothing is.
            addresses.map { Reach(ReachState.UNKNOWN) }
        }

    private fun open(at: Int) {
        val contact = state.value.contacts[at]
        navigator.go(Place.Contact(state.value.lines[contact.id]?.address.orEmpty(), contact.name, contact.id))
    }

    private companion object {
        const val RECENT = 3

        /** Contacts are looked up by so many. */
        const val PAGE = 25
    }
}
