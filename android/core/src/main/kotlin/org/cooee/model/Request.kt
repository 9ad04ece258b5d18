package org.cooee.model

/** A stranger who called or wrote. */
data class Request(
    val person: Person,
    /** The domain that vouches for who it is. */
    val provenDomain: String?,
    /** What they wrote: one line. */
    val line: String?,
    /** When, in milliseconds since 1970. */
    val at: Long,
    /** So many times. */
    val times: Int = 1,
)
