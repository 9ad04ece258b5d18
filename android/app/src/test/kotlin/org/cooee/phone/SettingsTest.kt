package org.cooee.phone

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.media.RingtoneManager
import android.net.Uri
import android.provider.Settings
import kotlinx.coroutines.flow.update
import org.cooee.model.AccountState
import org.cooee.model.Moment
import org.cooee.model.Phrase
import org.cooee.model.Side
import org.cooee.model.WhoRings
import org.cooee.model.Why
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.says
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.touchBeside
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import java.io.File

/** What people rightly differ in, and who may ring. */
@RunWith(RobolectricTestRunner::class)
class SettingsTest {
    @Test
    fun `a test of ringing is asked for, is under way, and says what it has proven`() {
        val home = home(Place.Settings).get()
        home.touch("Ring me now")
        assertTrue("testRinging 0" in app.fake.told)
        home.says("The call is on its way")
        app.fake.happen(Moment.RingTested(Phrase("ring_proof_nothing"), Phrase("end_no_answer_peer")))
        idle()
        home.says("No call came back and rang. Nobody answered.")
        home.touch("Ring me in a minute")
        assertTrue("testRinging 60" in app.fake.told)
    }

    @Test
    fun `an account whose server shows an authority that nobody here trusts asks for it to be compared`() {
        val why = Why(Phrase("tls_trouble_unknown_authority", "6B1F"), Side.YOUR_SERVER)
        app.fake.status.update { it.copy(accounts = listOf(TestApp.ANNA.copy(state = AccountState.Failed(why, authority = "6B1F")))) }
        home(Place.Settings).get().touch("Compare the fingerprint")
        val dialog = checkNotNull(ShadowAlertDialog.getLatestAlertDialog())
        assertTrue("6B1F" in shadowOf(dialog).message)
        checkNotNull(dialog.getButton(AlertDialog.BUTTON_POSITIVE)).performClick()
        idle()
        assertTrue("trust 1 6B1F" in app.fake.told)
    }

    @Test
    fun `little data, and who rings, is the core's to keep`() {
        val home = home(Place.Settings).get()
        home.touch("Use little data")
        assertTrue(app.fake.status.value.lowData)
        home.touchBeside("Ring for: people you know, and your own domain")
        val choices = checkNotNull(ShadowAlertDialog.getLatestAlertDialog().listView)
        choices.performItemClick(null, WhoRings.KNOWN.ordinal, WhoRings.KNOWN.ordinal.toLong())
        idle()
        assertEquals(WhoRings.KNOWN, app.fake.status.value.whoRings)
        home.says("Ring for: people you know")
    }

    @Test
    fun `the ringtone is chosen from the system's list, also none, also the phone's own again`() {
        val home = home(Place.Settings).get()
        val pick = { tone: Uri? ->
            home.touchBeside("Ringtone")
            val asked = checkNotNull(shadowOf(home).nextStartedActivityForResult).intent
            assertEquals(RingtoneManager.ACTION_RINGTONE_PICKER, asked.action)
            val result = Intent().putExtra(RingtoneManager.EXTRA_RINGTONE_PICKED_URI, tone)
            shadowOf(home).receiveResult(asked, Activity.RESULT_OK, result)
            app.phone.preferences.ringtone
        }
        val tone = "content://media/internal/audio/media/7"
        assertEquals(tone, pick(Uri.parse(tone)))
        assertEquals("", pick(null))
        assertNull(pick(Settings.System.DEFAULT_RINGTONE_URI))
    }

    @Test
    fun `a ringtone that is gone is no reason not to ring`() {
        val file = File.createTempFile("tone", ".ogg", app.cacheDir)
        val tone = Uri.fromFile(file)
        val own = "content://tones/own"
        Settings.System.putString(app.contentResolver, Settings.System.RINGTONE, own)
        app.phone.preferences.ringtone = tone.toString()
        assertEquals(tone, app.phone.ringer.tone())
        file.delete()
        assertEquals(Uri.parse(own), app.phone.ringer.tone())
    }

    @Test
    fun `whoever rings at any time is listed, and can be taken off the list`() {
        People.furnish(app.fake)
        home(Place.Requests).get().touchBeside("school.example")
        assertEquals(emptyList<String>(), app.fake.allowed)
        val ben = home(Place.Contact(People.BEN.address, "Ben")).get()
        ben.touch("Let ring at any time")
        assertEquals(listOf(People.BEN.address), app.fake.allowed)
        ben.touch("No longer let ring at any time")
        assertEquals(emptyList<String>(), app.fake.allowed)
    }
}
