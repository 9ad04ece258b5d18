package org.cooee.phone.signin

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.signin.SignInEvent.Touch
import java.io.Serializable

/** Adds an account, and waits until its server lets us in or says why not. */
class SignInModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<SignInState, SignInEvent>(SignInState(), phone, scope) {
    /** The account that has been added and is neither let in nor taken back. */
    private var added: Long? = null

    /** Whoever was on the way in goes on: nobody signs in twice. */
    override var kept: Serializable?
        get() = Triple(state.value.more, state.value.where, added)
        set(kept) {
            val (more, where, added) = kept as? Triple<*, *, *> ?: return
            show { it.copy(more = more == true, where = where == true) }
            if (added is Long) logIn { goOn(added) }
        }

    private suspend fun goOn(id: Long) {
        val accounts = core.status.first { it.started }.accounts
        if (accounts.any { it.id == id }) settle(id) else show { it.copy(busy = false) }
    }

    override fun take(event: SignInEvent) {
        when (event) {
            is SignInEvent.SignIn -> if (!state.value.busy) logIn { settle(core.signIn(event.account)) }
            Touch.TRUST -> state.value.question?.let { (id, authority) -> logIn { trust(id, authority) } }
            Touch.DISTRUST -> distrust()
            Touch.MORE -> show { it.copy(more = !it.more) }
            Touch.WHERE -> show { it.copy(where = !it.where) }
        }
    }

    private fun logIn(act: suspend () -> Unit) =
        trying {
            show { it.copy(busy = true, trouble = null, question = null) }
            try {
                act()
            } catch (refusal: Refusal) {
                fail(null, Why(refusal.why), isPassword = false)
            }
        }

    /** Waits until an account is logged in, or has failed in another way than [before]. */
    private suspend fun settle(
        id: Long,
        before: AccountState? = null,
    ) {
        added = id
        val account = core.status.map { status -> status.accounts.firstOrNull { it.id == id } }
        val settled = account.first { it != null && it.state != before && isSettled(it) }
        val failed = checkNotNull(settled).state as? AccountState.Failed
        val authority = failed?.authority
        when {
            failed == null -> enter()
            authority != null -> show { it.copy(busy = false, trouble = failed.why, question = id to authority) }
            else -> fail(id, failed.why, isPassword = failed.wrongPassword)
        }
    }

    private suspend fun trust(
        id: Long,
        authority: String,
    ) {
        val before = core.status.value.accounts.firstOrNull { it.id == id }?.state
        core.trust(id, authority)
        settle(id, before)
    }

    private fun distrust() {
        state.value.question?.let { (id, _) -> core.signOut(id) }
        added = null
        show { it.copy(trouble = null, question = null) }
    }

    /** From Android 13 on, a call could ring without showing anything to answer it with; before, that is granted. */
    private fun enter() {
        added = null
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
        added = null
        show { it.copy(busy = false, trouble = why, more = it.more || !isPassword) }
    }
}
