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
)

/** What can happen on the screen. */
sealed interface SignInEvent {
    data class SignIn(
        val account: NewAccount,
    ) : SignInEvent

    data object More : SignInEvent

    data object Where : SignInEvent
}
