package org.cooee.phone

import android.app.AlertDialog
import android.view.View
import android.widget.EditText
import android.widget.TextView
import kotlinx.coroutines.flow.update
import org.cooee.model.AccountState
import org.cooee.model.Phrase
import org.cooee.model.Side
import org.cooee.model.Status
import org.cooee.model.Why
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.app
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.says
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowDialog

/** Signing in, and what stands in its way. */
@RunWith(RobolectricTestRunner::class)
class SignInTest {
    private fun becomes(state: AccountState) {
        app.fake.status.update { status -> status.copy(accounts = status.accounts.map { it.copy(state = state) }) }
        idle()
    }

    private fun asked(): HomeActivity {
        app.fake.status.update { it.copy(accounts = emptyList()) }
        val home = home().get()
        home.find<EditText>(R.id.address).setText("anna@example.org")
        home.find<EditText>(R.id.password).setText("secret")
        home.touch(R.id.sign_in)
        becomes(AccountState.Failed(Why(Phrase("tls_trouble_unknown_authority", AUTHORITY), Side.YOUR_SERVER), authority = AUTHORITY))
        return home
    }

    @Test
    fun `a private server's fingerprint is compared, and with the same one signs in`() {
        val home = asked()
        assertTrue(AUTHORITY in home.find<TextView>(R.id.trouble).text)
        assertFalse(home.find<View>(R.id.sign_in).isShown)
        home.touch(R.id.trust)
        assertTrue(app.fake.told.any { it.startsWith("trust ") && it.endsWith(AUTHORITY) })
        assertEquals(Place.SignIn, home.place)
        becomes(AccountState.Ready(reachable = true))
        assertEquals(Place.People, home.place)
    }

    @Test
    fun `with another fingerprint nothing is kept, and one can try again`() {
        val home = asked()
        home.touch(R.id.distrust)
        assertTrue(app.fake.status.value.accounts.isEmpty())
        assertFalse(home.find<View>(R.id.trouble).isShown)
        assertTrue(home.find<View>(R.id.sign_in).isShown)
    }

    @Test
    fun `an account whose password has changed is signed in to again, and stays though that is wrong, too`() {
        val wrong = { AccountState.Failed(Why(Phrase("login_trouble_wrong_password"), Side.YOURS), wrongPassword = true) }
        becomes(wrong())
        val (id, address) = app.fake.status.value.accounts.first().run { id to address }
        val home = home(Place.SignInAgain(address)).get()
        assertEquals(address, home.find<EditText>(R.id.address).text.toString())
        home.find<EditText>(R.id.password).setText("new")
        home.touch(R.id.sign_in)
        becomes(wrong())
        assertTrue(home.find<View>(R.id.trouble).isShown)
        assertEquals(listOf(id), app.fake.status.value.accounts.map { it.id })
        app.fake.logsIn = wrong()
        home.touch(R.id.sign_in)
        assertTrue("as wrong as before, at once", home.find<View>(R.id.trouble).isShown && home.find<View>(R.id.sign_in).isEnabled)
        app.fake.logsIn = AccountState.Connecting
        home.touch(R.id.sign_in)
        becomes(AccountState.Ready(reachable = true))
        assertEquals(Place.People, home.place)
        home.back()
        assertTrue("that is the root", home.isFinishing)
        assertTrue(app.fake.told.none { it.startsWith("signOut") })
    }

    @Test
    fun `a core that cannot start says why, and is tried again`() {
        app.fake.status.value = Status(failed = "disk full")
        val home = home().get()
        assertEquals("Cooee cannot start", home.says("Cooee cannot start").text.toString())
        val dialog = ShadowDialog.getLatestDialog() as AlertDialog
        assertFalse(shadowOf(dialog).isCancelable)
        assertEquals("disk full", checkNotNull(dialog.findViewById<TextView>(android.R.id.message)).text.toString())
        dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        idle()
        assertTrue("startAgain" in app.fake.told)
    }

    private companion object {
        const val AUTHORITY = "6B1F9A03C7D25E8840F1A2B3C4D5E6F70819"
    }
}
