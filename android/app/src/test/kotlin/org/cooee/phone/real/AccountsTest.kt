package org.cooee.phone.real

import android.app.AlertDialog
import org.cooee.model.AccountState
import org.cooee.model.Authority
import org.cooee.phone.R
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Impostor
import org.cooee.stage.KeptServer
import org.cooee.stage.OwnCertificate
import org.cooee.stage.Relay
import org.junit.AfterClass
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.BeforeClass
import org.junit.Test
import org.robolectric.shadows.ShadowAlertDialog
import java.io.File

/** Accounts that do not, or no longer, let in. */
class AccountsTest : RealTest() {
    @Test
    fun `a certificate that nobody trusts is said as such, and its server is told nothing`() =
        Impostor(OwnCertificate(File(folder, "impostor"))).use { impostor ->
            fillIn(server.password("anna"), impostor.address)
            assertTrue(untilTrouble().startsWith("The server’s certificate is signed by nobody this device trusts"))
            assertTrue(impostor.visits.get() > 0)
            assertEquals(0, impostor.heard.get())
            home.touch(R.id.distrust)
            waitUntil("it is given up") { app.phone.core.status.value.accounts.isEmpty() }
            signIn()
        }

    @Test
    fun `who signs out is asked once more, and is back where one signs in`() {
        signIn()
        home.go(Place.Settings)
        idle()
        home.touch("Sign out")
        val dialog = checkNotNull(ShadowAlertDialog.getLatestAlertDialog())
        checkNotNull(dialog.getButton(AlertDialog.BUTTON_POSITIVE)).performClick()
        waitUntil("it asks to sign in") { home.place == Place.SignIn }
        assertTrue(app.phone.core.status.value.accounts.isEmpty())
        signIn()
    }

    @Test
    fun `an account that its operator has removed is said to be refused, and nothing else is lost`() {
        kept.add("anna", "correct horse battery")
        Relay(kept.address).use { relay ->
            signIn("correct horse battery", relay.address)
            kept.remove("anna")
            // It learns of it when it has to prove itself again.
            relay.cut()
            relay.mend()
            waitUntil("it is refused") { (account() as? AccountState.Failed)?.wrongPassword == true }
            home.go(Place.Settings)
            waitUntil("it says so") { home.texts().any { it.startsWith("The server does not accept the password.") } }
            kept.add("anna", "another password")
            home.touch("Sign out")
        }
    }

    private fun account() = app.phone.core.status.value.accounts.single().state

    companion object {
        private lateinit var kept: KeptServer

        @JvmStatic
        @BeforeClass
        fun keep() {
            val certificate = OwnCertificate(folder)
            kept = KeptServer(folder, certificate)
            RealApp.authorities += Authority(certificate.certificate.encoded, byUser = true)
        }

        @JvmStatic
        @AfterClass
        fun leave() = kept.close()
    }
}
