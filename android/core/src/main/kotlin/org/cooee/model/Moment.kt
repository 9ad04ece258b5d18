package org.cooee.model

/** Something that happens once. */
sealed interface Moment {
    /** A call is over. */
    data class Ended(
        val call: Long,
        val peer: Person,
        val why: Why,
        /** Worth calling back. */
        val missed: Boolean,
        /** Names it among the past ones; none where it is not known. */
        val past: Long? = null,
    ) : Moment

    /** A call that is over stands among the past ones. */
    data class Logged(
        val call: Long,
        val past: Long,
    ) : Moment

    /** No call came of a dial. */
    data class DialRefused(
        val call: Long,
        val why: Why,
    ) : Moment

    /** A short text came; [silently]: of nobody the owner knows, or while not to be disturbed. */
    data class Message(
        val from: Person,
        val text: String,
        val silently: Boolean = false,
    ) : Moment

    /** A text did not arrive; [message]: its number among the past ones. */
    data class MessageFailed(
        val message: Long,
        val why: Phrase,
    ) : Moment

    /** What was asked of a call did not come about. */
    data class ActionFailed(val call: Long) : Moment

    /** A transfer has come so far. */
    data class Transfer(
        val call: Long,
        val says: Phrase,
    ) : Moment

    /** The sound device cannot be used. */
    data class NoSound(val why: Phrase) : Moment

    /** A call to oneself, to see whether it rings, is over: what it has proven, and why nothing came of it. */
    data class RingTested(
        val proof: Phrase,
        val why: Phrase?,
    ) : Moment

    /** Moments were lost: read the states again. */
    data object Overflow : Moment
}
