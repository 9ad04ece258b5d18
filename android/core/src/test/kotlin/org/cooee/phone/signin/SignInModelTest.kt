package org.cooee.phone.signin

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.update
import org.cooee.model.AccountState
import org.cooee.model.NewAccount
import org.cooee.model.Phrase
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.model.fake.FakeCore
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.screen.Teller
import org.cooee.phone.screen.Wish
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Test

/** Signing in, without a screen. */
class SignInModelTest {
    private object Nowhere : Navigator {
        val gone = mutableListOf<Any>()
        override val isLocked = false

        override fun go(place: Place) {
            gone += place
        }

        override fun back() = Unit

        override fun unlocked(act: () -> Unit) = act()

        override fun showCalls() = Unit

        override fun pickRingtone() = Unit

        override fun ask(
            permission: String,
            then: Wish?,
        ) = Unit

        override fun mend(permission: String) = Unit

        override fun askToNotify() {
            gone += "askToNotify"
        }
    }

    private class Listener(override val core: FakeCore) : Teller {
        override fun tell(refusal: Refusal) = throw refusal
    }

    private val job = Job()
    private val core = FakeCore()
    private val model = SignInModel(CoroutineScope(Dispatchers.Unconfined + job), Listener(core), Nowhere)
    private val account = NewAccount("anna@example.org", "secret")
    private val wrong = AccountState.Failed(Why(Phrase("login_trouble_wrong_password")), wrongPassword = true)

    private fun become(state: AccountState) = core.status.update { it.copy(accounts = it.accounts.map { one -> one.copy(state = state) }) }

    @After
    fun end() = job.cancel()

    @Test
    fun `whoever is let in goes on, and is asked to let calls show`() {
        Nowhere.gone.clear()
        model.on(SignInEvent.SignIn(account))
        assertEquals(true, model.state.value.busy)
        become(AccountState.Ready(reachable = true))
        assertEquals(listOf(Place.People, "askToNotify"), Nowhere.gone)
    }

    @Test
    fun `a new account that is not let in is taken back, and one that was there stays`() {
        model.on(SignInEvent.SignIn(account))
        become(wrong)
        assertEquals(wrong.why, model.state.value.trouble)
        assertFalse("it is the password", model.state.value.more)
        assertEquals(0, core.status.value.accounts.size)
        model.on(SignInEvent.SignIn(account))
        become(AccountState.Ready(reachable = true))
        model.on(SignInEvent.SignIn(account))
        become(wrong)
        assertEquals(1, core.status.value.accounts.size)
    }
}
