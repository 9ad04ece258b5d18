package org.cooee.phone.contact

import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Standing
import org.cooee.phone.people.Line

/** Somebody: how to call them, and what was. */
data class ContactState(
    val person: Person,
    val photo: String? = null,
    val lines: List<Line> = emptyList(),
    val past: List<Past> = emptyList(),
    val standing: Standing = Standing(),
)

/** What can happen on the screen. */
sealed interface ContactEvent {
    data class Call(val address: String) : ContactEvent

    data class Choose(val address: String) : ContactEvent

    data class Write(val text: String) : ContactEvent

    data class Open(val past: Past) : ContactEvent

    data object Verify : ContactEvent

    data object Allow : ContactEvent

    data object Disallow : ContactEvent

    data object Block : ContactEvent

    data object Unblock : ContactEvent

    data object Back : ContactEvent
}
