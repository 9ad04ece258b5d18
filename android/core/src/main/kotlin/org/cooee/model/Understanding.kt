package org.cooee.model

/** What a typed text means. */
sealed interface Understanding {
    /** Somebody. */
    data class Somebody(
        /** As people write it. */
        val address: String,
        /** What calling will do, the most important first. */
        val says: List<Phrase>,
        /** It can be called from here. */
        val callable: Boolean,
        /** It is the ordinary telephone's: an emergency number, or one that is not reached over the Internet. */
        val byTelephone: Boolean = false,
        val reach: Reach = Reach(ReachState.UNKNOWN),
    ) : Understanding

    /** Nobody; [why] is none for an empty text. */
    data class Nobody(val why: Phrase?) : Understanding
}
