package org.cooee.phone.requests

import org.cooee.model.Request

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
