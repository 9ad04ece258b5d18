package org.cooee.model

import java.io.Serializable

/** A past call or message. */
data class Past(
    /** Names it. */
    val number: Long,
    /** When, in milliseconds since 1970. */
    val at: Long,
    val incoming: Boolean,
    val peer: Person,
    /** Nobody here took notice. */
    val missed: Boolean = false,
    /** It was missed, or came, since the person looked last. */
    val isNew: Boolean = false,
    /** So many missed calls in a row. */
    val times: Int = 1,
    /** Why it ended; why a message did not arrive, where somebody said so. */
    val why: Why? = null,
    /** What a message says. */
    val text: String? = null,
    /** A message that did not arrive. */
    val failed: Boolean = false,
    /** How long they spoke, in seconds. */
    val seconds: Long? = null,
)

/** Why a call ended or an account does not work, and what can be done. */
data class Why(
    val what: Phrase,
    val side: Side = Side.NOBODY,
    val advice: Phrase? = null,
) : Serializable

/** Whose side something is on. */
enum class Side { YOURS, YOUR_SERVER, NETWORK, THEIR_SERVER, THEIRS, NOBODY }
