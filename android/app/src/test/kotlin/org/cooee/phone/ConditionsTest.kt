package org.cooee.phone

import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Intent
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.os.PowerManager
import android.provider.Settings
import kotlinx.coroutines.runBlocking
import org.cooee.model.AccountState
import org.cooee.model.Mend
import org.cooee.model.Surroundings
import org.cooee.phone.device.OldResolver
import org.cooee.phone.notice.Channels
import org.cooee.phone.service.ReachService
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.words.say
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.IOException
import java.net.InetAddress

/** What ringing needs of the system, as it is now. */
@RunWith(RobolectricTestRunner::class)
class ConditionsTest {
    private fun now() = app.phone.system.allow(Surroundings())

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `calls that may not show, or not loud enough, are told of and mended where that is turned off`() {
        assertEquals(true, now().mayNotify)
        val manager = app.service<NotificationManager>()
        manager.deleteNotificationChannel(Channels.RINGING)
        manager.createNotificationChannel(NotificationChannel(Channels.RINGING, "Ringing", NotificationManager.IMPORTANCE_LOW))
        assertEquals(false, now().mayNotify)
        shadowOf(app).grantPermissions("android.permission.POST_NOTIFICATIONS")
        app.phone.system.mend(Mend.NOTIFICATIONS, home().get())
        val opened = generateSequence { shadowOf(app).nextStartedActivity }.map(Intent::getAction)
        assertTrue(Settings.ACTION_APP_NOTIFICATION_SETTINGS in opened)
    }

    @Test
    fun `that the battery is to be saved is told when it changes, and looked at anew each time`() {
        val power = shadowOf(app.service<PowerManager>())
        buildService(ReachService::class.java).create()
        idle()
        val told = { app.fake.told.count { it == "setSurroundings" } }
        val before = told()
        power.setIsPowerSaveMode(true)
        app.sendBroadcast(Intent(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED))
        idle()
        assertEquals(before + 1, told())
        assertTrue(app.phone.system.allow(Surroundings(savingPower = false)).savingPower)
        power.setIsPowerSaveMode(false)
        assertFalse(app.phone.system.allow(Surroundings(savingPower = true)).savingPower)
    }

    @Test
    fun `of several accounts the one that does not work is told of`() {
        val other = TestApp.ANNA.copy(id = 2, address = "anna@work.example", state = People.WRONG_PASSWORD)
        val status = TestApp.SIGNED_IN.copy(accounts = listOf(TestApp.ANNA, other))
        assertTrue("anna@work.example" in app.say(status))
        val waiting = status.copy(accounts = listOf(TestApp.ANNA, other.copy(state = AccountState.Connecting)))
        assertTrue("anna@work.example" in app.say(waiting))
        assertTrue("anna@example.org" in app.say(TestApp.SIGNED_IN))
    }

    @Test
    @Config(sdk = [28])
    fun `a DNS server that cannot be reached is one that does not answer`() {
        val connectivity = app.service<ConnectivityManager>()
        val link = LinkProperties().apply { addDnsServer(InetAddress.getByName("127.0.0.77")) }
        shadowOf(connectivity).setLinkProperties(connectivity.activeNetwork, link)
        val trouble = assertThrows(IOException::class.java) { runBlocking { OldResolver(app).ask(ByteArray(12)) } }
        assertEquals("no DNS server answers", trouble.message)
    }
}
