package org.cooee.model

/** What is known of an address: a hint, never a promise. */
data class Reach(
    val state: ReachState,
    /** When that was last asked, in milliseconds since 1970. */
    val checkedAt: Long? = null,
)

/** The one word for an address. */
enum class ReachState { ANSWERED, PUBLISHES_CALLS, NUMBER_ONLY, REFUSES, NO_SUCH_USER, NOT_PUBLISHED, UNKNOWN }
