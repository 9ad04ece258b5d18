package org.cooee.model

/** A stranger who called or wrote. */
data class Request(
    val person: Person,
    val introduction: Introduction,
    /** When, in milliseconds since 1970. */
    val at: Long,
    /** So many times. */
    val times: Int = 1,
)
