package org.cooee.phone.people

import org.cooee.model.Past
import org.cooee.model.Status
import org.cooee.model.Understanding
import org.cooee.phone.contacts.ContactList

/** Whom one could call, and what the typed text means. */
data class PeopleState(
    val status: Status,
    val text: String = "",
    val meaning: Understanding = Understanding.Nobody(null),
    val keypad: Boolean = false,
    /** The latest calls, while nothing is typed. */
    val recent: List<Past> = emptyList(),
    val contacts: ContactList = ContactList.NONE,
    /** Whether the person lets us read the contacts. */
    val mayRead: Boolean = true,
    /** What the contacts that were looked at can be called at, by their ids. */
    val lines: Map<Long, Line?> = emptyMap(),
)

/** What can happen on the screen. */
sealed interface PeopleEvent {
    /** [CALL_TYPED]: calls whom the text means. */
    enum class Touch : PeopleEvent { KEYPAD, CALL_TYPED, OPEN_STATUS, ALLOW_CONTACTS }

    data class Typed(val text: String) : PeopleEvent

    data class Key(val sign: Char) : PeopleEvent

    data class Call(val address: String) : PeopleEvent

    /** These contacts come into sight. */
    data class Seen(
        val first: Int,
        val count: Int,
    ) : PeopleEvent

    data class Open(val contact: Int) : PeopleEvent

    data class OpenPast(val past: Past) : PeopleEvent
}
