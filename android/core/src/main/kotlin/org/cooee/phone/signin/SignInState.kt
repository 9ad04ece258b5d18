package org.cooee.phone.signin

import org.cooee.model.NewAccount
import org.cooee.model.Why

/** Signing in. */
data class SignInState(
    /** The fields for what a provider gave besides are open. */
    val more: Boolean = false,
    val where: Boolean = false,
    val busy: Boolean = false,
    val trouble: Why? = null,
    /** The account whose server shows an authority that nobody here trusts, and that authority's fingerprint. */
    val question: Pair<Long, String>? = null,
)

/** What can happen on the screen. */
sealed interface SignInEvent {
    /** [TRUST]: the fingerprint is that of who runs the server; [DISTRUST]: it is another. */
    enum class Touch : SignInEvent { TRUST, DISTRUST, MORE, WHERE }

    data class SignIn(val account: NewAccount) : SignInEvent
}
