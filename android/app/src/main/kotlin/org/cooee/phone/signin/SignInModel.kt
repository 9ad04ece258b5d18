package org.cooee.phone.signin

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.NewAccount
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Adds an account, and waits until its server lets us in or says why not. */
class SignInModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<SignInState, SignInEvent>(SignInState(), phone, scope) {
    override fun take(event: SignInEvent) {
        when (event) {
            is SignInEvent.SignIn -> if (!state.value.busy) trying { signIn(event.account) }
            SignInEvent.More -> show { it.copy(more = !it.more) }
            SignInEvent.Where -> show { it.copy(where = !it.where) }
        }
    }

    private suspend fun signIn(account: NewAccount) {
        show { it.copy(busy = true, trouble = null) }
        try {
            val id = core.signIn(account)
            val settled = core.status.map { status -> status.accounts.firstOrNull { it.id == id } }.first { it != null && isSettled(it) }
            val failed = checkNotNull(settled).state as? AccountState.Failed
            if (failed == null) enter() else fail(id, failed.why, isPassword = failed.wrongPassword)
        } catch (refusal: Refusal) {
            fail(null, Why(refusal.why), isPassword = false)
        }
    }

    /** From Android 13 on, a call could ring without showing anything to answer it with; before, that is granted. */
    private fun enter() {
        navigator.go(Place.People)
        navigator.ask(Manifest.permission.POST_NOTIFICATIONS)
    }

    private fun isSettled(account: Account) =
        when (account.state) {
            AccountState.Connecting -> false
            is AccountState.Ready, is AccountState.Failed -> true
        }

    /** What was typed stays; the account does not. A failure may be for want of what the provider gave besides. */
    private fun fail(
        account: Long?,
        why: Why,
        isPassword: Boolean,
    ) {
        account?.let(core::signOut)
        show { it.copy(busy = false, trouble = why, more = it.more || !isPassword) }
    }
}
