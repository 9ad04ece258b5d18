package org.cooee.phone

import android.app.Notification
import android.app.NotificationManager
import android.app.NotificationManager.Policy
import android.app.Person
import android.media.AudioManager
import android.os.Build
import android.os.Vibrator
import android.telecom.TelecomManager
import org.cooee.phone.service.CallService
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.waitUntil
import org.cooee.phone.telecom.CooeeConnection
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Who is heard although the system's "do not disturb" is on. */
@RunWith(RobolectricTestRunner::class)
class DoNotDisturbTest {
    private val telecom = shadowOf(app.service<TelecomManager>())
    private val manager = app.service<NotificationManager>()
    private val notices = shadowOf(manager)
    private val vibrator = shadowOf(app.service<Vibrator>())

    @Before
    fun turnUp() {
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_NORMAL
    }

    /** Ben calls, who is in the contacts, a favourite there or not. */
    private fun ring(
        filter: Int,
        starred: Boolean,
    ) {
        FakeContacts.of(FakeContact(1, "Benny", listOf(People.BEN.address), starred))
        manager.setInterruptionFilter(filter)
        buildService(CallService::class.java).create().startCommand(0, 0)
        app.fake.ring(People.BEN)
        idle()
        (telecom.allowIncomingCall(checkNotNull(telecom.lastIncomingCall)) as CooeeConnection).onShowIncomingCallUi()
        waitUntil("the contact is found") { notices.getNotification(1)?.extras?.getString(Notification.EXTRA_TITLE) == "Benny" }
    }

    /** Who may call is told from Android 11 on. */
    private fun let(senders: Int) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return
        notices.setConsolidatedNotificationPolicy(Policy(Policy.PRIORITY_CATEGORY_CALLS, senders, 0))
    }

    private fun assertRings() = waitUntil("it rings") { vibrator.isVibrating }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `nobody rings while nobody is to disturb`() {
        ring(NotificationManager.INTERRUPTION_FILTER_NONE, starred = true)
        assertFalse(vibrator.isVibrating)
    }

    @Test
    @Config(sdk = [28, 30])
    fun `while only favourites are to disturb a favourite rings`() {
        let(Policy.PRIORITY_SENDERS_STARRED)
        ring(NotificationManager.INTERRUPTION_FILTER_PRIORITY, starred = true)
        assertRings()
    }

    @Test
    @Config(sdk = [28, 30])
    fun `while only favourites are to disturb another contact does not ring`() {
        let(Policy.PRIORITY_SENDERS_STARRED)
        ring(NotificationManager.INTERRUPTION_FILTER_PRIORITY, starred = false)
        assertFalse(vibrator.isVibrating)
    }

    @Test
    @Config(sdk = [30])
    fun `while contacts are to disturb any contact rings`() {
        let(Policy.PRIORITY_SENDERS_CONTACTS)
        ring(NotificationManager.INTERRUPTION_FILTER_PRIORITY, starred = false)
        assertRings()
    }

    @Test
    @Config(sdk = [33, 35])
    fun `whom the system lets disturb rings, and it knows by the notification who that is`() {
        notices.setMatchesCallFilter(true)
        ring(NotificationManager.INTERRUPTION_FILTER_PRIORITY, starred = false)
        assertRings()
        @Suppress("DEPRECATION")
        val people = notices.getNotification(1)?.extras?.getParcelableArrayList<Person>(Notification.EXTRA_PEOPLE_LIST)
        assertEquals("content://com.android.contacts/contacts/lookup/key1/1", people?.single()?.uri)
    }

    @Test
    @Config(sdk = [33, 35])
    fun `whom the system does not let disturb does not ring`() {
        notices.setMatchesCallFilter(false)
        ring(NotificationManager.INTERRUPTION_FILTER_PRIORITY, starred = true)
        assertFalse(vibrator.isVibrating)
    }
}
