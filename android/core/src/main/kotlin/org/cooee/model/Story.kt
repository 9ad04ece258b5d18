package org.cooee.model

/** What happened to a call. */
data class Story(
    val past: Past,
    /** Whether the other phone rang; none for a call that came. */
    val rang: Boolean?,
    val verdict: Why,
    /** What can be done at once, by a button. */
    val remedy: Remedy? = null,
    val steps: List<Step>,
)

/** One thing that happened. */
data class Step(
    /** How long after the beginning, in milliseconds. */
    val after: Long,
    val side: Side,
    val what: Phrase,
)

/** What a button can do about it. */
enum class Remedy { CALL_AGAIN, CALL_BACK, SETTINGS, TELEPHONE }
