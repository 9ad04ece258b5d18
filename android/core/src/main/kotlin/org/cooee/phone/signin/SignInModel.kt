package org.cooee.phone.signin

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.NewAccount
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.screen.Teller
import org.cooee.phone.signin.SignInEvent.Touch
import java.io.Serializable

/** Adds an account, and waits until its server lets us in or says why not. */
class SignInModel(
    scope: CoroutineScope,
    teller: Teller,
    private val navigator: Navigator,
) : Model<SignInState, SignInEvent>(SignInState(), teller, scope) {
    private var tried: Tried? = null

    /** Whoever was on the way in goes on: nobody signs in twice. */
    override var kept: Serializable?
        get() = state.value.run { Kept(more, where, trouble, tried) }
        set(kept) {
            if (kept !is Kept) return
            show { it.copy(more = kept.more, where = kept.where, trouble = kept.trouble) }
            // Another process counts anew.
            kept.tried?.let { logIn { goOn(it.copy(attempts = -1)) } }
        }

    private suspend fun goOn(tried: Tried) {
        val accounts = core.status.first { it.started }.accounts
        if (accounts.none { it.id == tried.account }) return show { it.copy(busy = false) }
        settle(tried)
    }

    override fun take(event: SignInEvent) {
        when (event) {
            is SignInEvent.SignIn -> if (!state.value.busy) logIn { signIn(event.account) }
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
                fail(Why(refusal.why), isPassword = false)
            }
        }

    /** One that is there already gets another password, and stays whatever its server says. */
    private suspend fun signIn(account: NewAccount) {
        val before = attempts()
        val id = core.signIn(account)
        settle(Tried(id, isOld = id in before, attempts = before[id] ?: -1))
    }

    private fun attempts() = core.status.value.accounts.associate { it.id to it.attempts }

    /** Waits until an account is logged in, or has failed, this time: it may be as it was before. */
    private suspend fun settle(now: Tried) {
        tried = now
        val account = core.status.map { status -> status.accounts.firstOrNull { it.id == now.account } }
        val settled = account.first { it != null && it.attempts > now.attempts && isSettled(it) }
        val failed = checkNotNull(settled).state as? AccountState.Failed
        val authority = failed?.authority
        when {
            failed == null -> enter()
            authority != null -> show { it.copy(busy = false, trouble = failed.why, question = now.account to authority) }
            else -> fail(failed.why, isPassword = failed.wrongPassword)
        }
    }

    private suspend fun trust(
        id: Long,
        authority: String,
    ) {
        val now = Tried(id, isOld = tried?.isOld == true, attempts = attempts()[id] ?: -1)
        core.trust(id, authority)
        settle(now)
    }

    private fun distrust() {
        takeBack()
        show { it.copy(trouble = null, question = null) }
    }

    private fun takeBack() {
        tried?.let { if (!it.isOld) core.signOut(it.account) }
        tried = null
    }

    private fun enter() {
        tried = null
        navigator.go(Place.People)
        navigator.askToNotify()
    }

    private fun isSettled(account: Account) =
        when (account.state) {
            AccountState.Connecting -> false
            is AccountState.Ready, is AccountState.Failed -> true
        }

    /** What was typed stays; an account that is new does not. A failure may be for want of what the provider gave besides. */
    private fun fail(
        why: Why,
        isPassword: Boolean,
    ) {
        show { it.copy(busy = false, trouble = why, more = it.more || !isPassword) }
        takeBack()
    }
}
