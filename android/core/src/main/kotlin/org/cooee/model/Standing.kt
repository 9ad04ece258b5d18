package org.cooee.model

/** What the owner has said about somebody; each is a rule as [Core.unblock] and [Core.disallow] take it: address, domain or number. */
data class Standing(
    /** Nothing of theirs is taken; that comes first. */
    val blockedBy: String? = null,
    /** Their calls ring at any time. */
    val allowedBy: String? = null,
)
