package org.cooee.phone.screen

import java.io.Serializable

/** What a dialog asks, about a call or an account that may be gone meanwhile; survives the end of the process. */
data class Question(
    val what: What,
    val about: Long? = null,
) : Serializable {
    enum class What { MESSAGE, FORGET_PAST, WHO_RINGS, SIGN_OUT, TRUST, ROUTE, TRANSFER, REPLY, DETAILS }
}
