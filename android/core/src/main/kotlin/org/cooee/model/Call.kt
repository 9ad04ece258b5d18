package org.cooee.model

/** A call as it is now. */
data class Call(
    val id: Long,
    val account: Long,
    val incoming: Boolean,
    val peer: Person,
    val state: CallState,
    /** What can be done with it now: a button shows if and only if its action is here. */
    val allowed: Set<Action>,
    /** The caller withholds who it is. */
    val anonymous: Boolean = false,
    /** A stranger asks to be let through, without a sound. */
    val introduction: Introduction? = null,
    /** It is our own, come back, to see whether it rings. */
    val isTest: Boolean = false,
    /** It rings aloud, and the system's word that it may is waited for no longer. */
    val isOverdue: Boolean = false,
    val heldByUs: Boolean = false,
    val heldByPeer: Boolean = false,
    val muted: Boolean = false,
    /** How its sound is protected, once that is proven. */
    val security: Security? = null,
    /** What is wrong with the sound, the worst first. */
    val verdicts: List<Phrase> = emptyList(),
    /** Octets of sound a second, both ways; none before it is measured. */
    val rate: Int? = null,
    /** The other side proved itself by another key than the one that was verified. */
    val keyChanged: Boolean = false,
    val details: List<Detail> = emptyList(),
    /** Whom the peer asks us to call instead. */
    val transferAsked: String? = null,
    /** When it was answered, in milliseconds since 1970. */
    val answeredAt: Long? = null,
) {
    val rings get() = incoming && state == CallState.RINGING
    val silently get() = introduction != null
    val ringsAloud get() = rings && !silently
    val isAnswered get() = answeredAt != null

    /** Without what only a screen of calls shows. */
    fun steady() =
        copy(security = null, keyChanged = false, verdicts = emptyList(), rate = null, details = emptyList(), transferAsked = null)
}

/** How a stranger asks to be let through. */
data class Introduction(
    /** The domain that vouches for who it is; none: it may be anybody. */
    val provenDomain: String? = null,
    /** What they say: one line. */
    val line: String? = null,
)

/**
 * The call that is in front: one that rings aloud, else one that is spoken in, else any that is under way. Who asks without a sound comes
 * last.
 */
fun List<Call>.front(): Call? =
    firstOrNull { it.ringsAloud }
        ?: firstOrNull { !it.rings && it.state != CallState.HELD }
        ?: firstOrNull { !it.rings }
        ?: firstOrNull()

/** Where a call is. */
enum class CallState { DIALING, RINGING, CONNECTING, ACTIVE, HELD, RECONNECTING, ENDED }

/** What a person can do with a call. */
enum class Action { ANSWER, DECLINE, HANG_UP, HOLD, RESUME, MUTE, UNMUTE, DIGIT, TRANSFER, FOLLOW_TRANSFER, REFUSE_TRANSFER }

/** Who can hear a call: these and no stronger ones. */
enum class Security { NONE, TO_SERVERS, END_TO_END, VERIFIED }
