package org.cooee.phone.signin

import org.cooee.model.NewAccount
import org.cooee.model.Why
import java.io.Serializable

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

/** An account that is tried: one that was there before stays, whatever its server says; so often it had logged in anew before. */
data class Tried(
    val account: Long,
    val isOld: Boolean,
    val attempts: Long,
) : Serializable

/** What outlives the screen. */
data class Kept(
    val more: Boolean,
    val where: Boolean,
    val trouble: Why?,
    val tried: Tried?,
) : Serializable

/** What can happen on the screen. */
sealed interface SignInEvent {
    /** [TRUST]: the fingerprint is that of who runs the server; [DISTRUST]: it is another. */
    enum class Touch : SignInEvent { TRUST, DISTRUST, MORE, WHERE }

    data class SignIn(val account: NewAccount) : SignInEvent
}
