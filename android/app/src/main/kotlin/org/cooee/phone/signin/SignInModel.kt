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
import org.cooee.phone.signin.SignInEvent.Touch
import java.io.Serializable

/** Adds an account, and waits until its server lets us in or says why not. */
class SignInModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<SignInState, SignInEvent>(SignInState(), phone, scope) {
    /** The account that is tried, and whether it was there before: then it stays. */
    private var tried: Pair<Long, Boolean>? = null

    /** Whoever was on the way in goes on: nobody signs in twice. */
    override var kept: Serializable?
        get() = Triple(state.value.more, state.value.where, tried)
        set(kept) {
            val (more, where, tried) = kept as? Triple<*, *, *> ?: return
            show { it.copy(more = more == true, where = where == true) }
            val (id, isOld) = tried as? Pair<*, *> ?: return
            if (id is Long) logIn { goOn(id, isOld == true) }
        }

    private suspend fun goOn(
        id: Long,
        isOld: Boolean,
    ) {
        val accounts = core.status.first { it.started }.accounts
        if (accounts.none { it.id == id }) return show { it.copy(busy = false) }
        tried = id to isOld
        settle(id)
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
        val accounts = core.status.value.accounts
        val id = core.signIn(account)
        val before = accounts.firstOrNull { it.id == id }?.state
        tried = id to (before != null)
        settle(id, before)
    }

    /** Waits until an account is logged in, or has failed, once it is not as [before] any more. */
    private suspend fun settle(
        id: Long,
        before: AccountState? = null,
    ) {
        val account = core.status.map { status -> status.accounts.firstOrNull { it.id == id } }
        account.first { it?.state != before }
        val settled = account.first { it != null && isSettled(it) }
        val failed = checkNotNull(settled).state as? AccountState.Failed
        val authority = failed?.authority
        when {
            failed == null -> enter()
            authority != null -> show { it.copy(busy = false, trouble = failed.why, question = id to authority) }
            else -> fail(failed.why, isPassword = failed.wrongPassword)
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
        takeBack()
        show { it.copy(trouble = null, question = null) }
    }

    private fun takeBack() {
        tried?.let { (id, isOld) -> if (!isOld) core.signOut(id) }
        tried = null
    }

    /** From Android 13 on, a call could ring without showing anything to answer it with; before, that is granted. */
    private fun enter() {
        tried = null
        navigator.go(Place.People)
        navigator.ask(Manifest.permission.POST_NOTIFICATIONS)
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
        takeBack()
        show { it.copy(busy = false, trouble = why, more = it.more || !isPassword) }
    }
}
