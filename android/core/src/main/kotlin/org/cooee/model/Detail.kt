package org.cooee.model

/** A technical value of a call, for those who want to know. */
data class Detail(
    val kind: Kind,
    val value: String,
) {
    enum class Kind { CODEC, CIPHER, LOCAL, REMOTE, LOSS, ROUND_TRIP, JITTER }
}
