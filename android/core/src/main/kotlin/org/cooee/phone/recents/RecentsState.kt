package org.cooee.phone.recents

import org.cooee.model.Past

/** Past calls and messages, the latest first. */
data class RecentsState(
    /** None before they are read. */
    val past: List<Past>? = null,
    /** So many strangers wait for a word. */
    val requests: Int = 0,
    /** So many new voice messages wait at the accounts' servers. */
    val voiceMessages: Int = 0,
    /** There may be older ones. */
    val more: Boolean = false,
)

/** What can happen on the screen. */
sealed interface RecentsEvent {
    enum class Touch : RecentsEvent { REACHED_END, REQUESTS, FORGET }

    data class Open(val past: Past) : RecentsEvent

    data class Call(val past: Past) : RecentsEvent

    /** It comes into sight, or leaves it. */
    data class Looked(val on: Boolean) : RecentsEvent
}
