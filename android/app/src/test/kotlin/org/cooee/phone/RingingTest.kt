package org.cooee.phone

import android.Manifest
import android.app.Notification
import android.app.NotificationManager
import android.media.AudioManager
import android.os.Build
import android.os.Bundle
import android.os.Vibrator
import android.telecom.CallAudioState
import android.telecom.CallEndpoint
import android.telecom.PhoneAccount
import android.telecom.PhoneAccountHandle
import android.telecom.TelecomManager
import android.telecom.asked
import org.cooee.model.Action
import org.cooee.phone.service.CallService
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.waitUntil
import org.cooee.phone.telecom.CooeeConnection
import org.cooee.phone.telecom.Route
import org.cooee.phone.telecom.Telecoms
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowBuild
import org.robolectric.shadows.ShadowTelecomManager
import org.robolectric.shadows.ShadowToneGenerator

/** Who rings, how, and who is not to be heard; and what Telecom has to say. */
@RunWith(RobolectricTestRunner::class)
class RingingTest {
    private val telecom = shadowOf(app.service<TelecomManager>())
    private val vibrator = shadowOf(app.service<Vibrator>())
    private val notices = shadowOf(app.service<NotificationManager>())
    private val audio = app.service<AudioManager>()

    @Before
    fun turnUp() {
        audio.ringerMode = AudioManager.RINGER_MODE_NORMAL
    }

    /** A call comes in, and Telecom lets it ring. */
    private fun ring(): CooeeConnection {
        app.fake.ring(People.BEN)
        idle()
        return (telecom.allowIncomingCall(checkNotNull(telecom.lastIncomingCall)) as CooeeConnection).also {
            it.onShowIncomingCallUi()
            idle()
        }
    }

    private fun service(): CallService = buildService(CallService::class.java).create().startCommand(0, 0).get().also { idle() }

    @Test
    fun `a call rings though Telecom takes it and says nothing more`() {
        service()
        val call = app.fake.ring(People.BEN)
        idle()
        assertFalse(vibrator.isVibrating)
        app.fake.change(call) { it.copy(isOverdue = true) }
        idle()
        assertTrue(vibrator.isVibrating)
    }

    @Test
    fun `silenced, a call is not heard again, and the next one is`() {
        service()
        val connection = ring()
        connection.onSilence()
        app.fake.change(1) { it.copy(isTest = true) }
        idle()
        assertFalse(vibrator.isVibrating)
        app.fake.change(app.fake.ring(People.CLEO)) { it.copy(isOverdue = true) }
        app.fake.end(1)
        idle()
        assertTrue(vibrator.isVibrating)
    }

    @Test
    fun `a ringing call gives way to a knock when the other one is answered`() {
        service()
        ring()
        app.fake.change(app.fake.ring(People.CLEO)) { it.copy(isOverdue = true) }
        app.fake.connect(1)
        idle()
        assertEquals(1, ShadowToneGenerator.getPlayedTones().size)
        assertEquals(300, vibrator.milliseconds)
    }

    @Test
    fun `set to vibrate it only vibrates, and without notifications it rings all the same`() {
        audio.ringerMode = AudioManager.RINGER_MODE_VIBRATE
        notices.setNotificationsEnabled(false)
        service()
        ring()
        assertArrayEquals(longArrayOf(0, 1000, 1000), vibrator.pattern)
        assertTrue(vibrator.isVibrating)
    }

    @Test
    fun `where the system lets no service begin, the call goes on, is shown, and it is said what to do`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.ring(People.BEN)
        calls()
        val service = service()
        shadowOf(service).setThrowInStartForeground(IllegalStateException("not now"))
        app.fake.connect(call)
        idle()
        val told = checkNotNull(notices.getNotification("open", 1))
        assertEquals(app.getString(R.string.notice_open), told.extras.getString(Notification.EXTRA_TITLE))
        assertNotNull("shown without the service", notices.getNotification(1))
    }

    @Test
    fun `it stops ringing when a call of the mobile network is taken, and rings again when that is over`() {
        ring()
        service()
        assertEquals("rings and rings", 0, vibrator.repeat)
        app.phone.others.follow(AudioManager.MODE_IN_CALL)
        idle()
        assertFalse("a knock alone", vibrator.isVibrating && vibrator.repeat == 0)
        app.phone.others.follow(AudioManager.MODE_NORMAL)
        idle()
        assertTrue(vibrator.isVibrating && vibrator.repeat == 0)
    }

    @Test
    @Config(shadows = [BrokenTelecom::class])
    fun `a Telecom that throws in a way of its own keeps nobody from ringing or calling`() {
        service()
        app.fake.ring(People.BEN)
        idle()
        assertTrue(vibrator.isVibrating)
        app.fake.end(1)
        app.fake.dial("ben@example.org")
        idle()
        assertEquals(1, app.fake.calls.value.size)
    }

    /** As that of a device which has none. */
    @Implements(TelecomManager::class)
    class BrokenTelecom : ShadowTelecomManager() {
        @Implementation
        override fun registerPhoneAccount(account: PhoneAccount?) = throw UnsupportedOperationException()

        @Implementation
        override fun addNewIncomingCall(
            account: PhoneAccountHandle?,
            extras: Bundle?,
        ) = throw UnsupportedOperationException()
    }

    @Test
    fun `calls are kept from a Telecom that is not there, or where the person wants that, from the next call on`() {
        assertTrue(Telecoms.work(app))
        app.phone.preferences.plainCalls = true
        app.fake.ring(People.BEN)
        idle()
        assertEquals(0, telecom.allIncomingCalls.size)
        app.fake.end(1)
        app.phone.preferences.plainCalls = false
        idle()
        app.fake.ring(People.CLEO)
        idle()
        assertEquals(1, telecom.allIncomingCalls.size)
        shadowOf(app.packageManager).setSystemFeature("android.software.telecom", false)
        shadowOf(app.packageManager).setSystemFeature("android.software.connectionservice", false)
        assertFalse(Telecoms.work(app))
    }

    @Test
    @Config(sdk = [30, 33])
    fun `phones whose Telecom is broken are known by maker, device and version`() {
        ShadowBuild.setManufacturer("OnePlus")
        assertEquals(Build.VERSION.SDK_INT > Build.VERSION_CODES.R, Telecoms.work(app))
        ShadowBuild.setManufacturer("samsung")
        assertTrue(Telecoms.work(app))
        ShadowBuild.setDevice("gtaxlwifi")
        assertFalse(Telecoms.work(app))
    }

    @Test
    fun `muted by a headset the core is told, once, and what the person muted here stays so`() {
        val connection = ring()
        app.fake.change(1, People::spoken)
        idle()
        connection.onMuteStateChanged(true)
        connection.onMuteStateChanged(true)
        connection.onMuteStateChanged(false)
        idle()
        assertEquals(listOf("MUTE 1", "UNMUTE 1"), app.fake.told.filter { "MUTE" in it })
        app.fake.act(1, Action.MUTE)
        idle()
        connection.onMuteStateChanged(false)
        assertTrue(app.fake.calls.value.single().muted)
    }

    @Test
    fun `what a headset has muted can be heard again by the button here`() {
        val connection = ring()
        app.fake.change(1, People::spoken)
        idle()
        audio.isMicrophoneMute = true
        connection.onMuteStateChanged(true)
        idle()
        assertTrue("it is the system that mutes", audio.isMicrophoneMute)
        app.fake.act(1, Action.UNMUTE)
        idle()
        assertFalse(audio.isMicrophoneMute)
    }

    @Test
    @Config(sdk = [28, 30, 33])
    fun `to Android 13 the ways of the sound are Telecom's routes, and it says there that it is muted`() {
        val connection = ring()
        val asked = connection.asked()
        app.fake.change(1, People::spoken)
        idle()
        val all = CallAudioState.ROUTE_EARPIECE or CallAudioState.ROUTE_SPEAKER or CallAudioState.ROUTE_BLUETOOTH
        @Suppress("DEPRECATION")
        connection.onCallAudioStateChanged(CallAudioState(true, CallAudioState.ROUTE_BLUETOOTH, all))
        idle()
        val routes = app.phone.calls.routes.value
        assertEquals(Route.BLUETOOTH, routes.current)
        assertEquals(setOf(Route.EARPIECE, Route.SPEAKER, Route.BLUETOOTH), routes.available.toSet())
        assertTrue(app.fake.told.containsAll(listOf("routeChanged", "MUTE 1")))
        app.phone.calls.go(Route.SPEAKER)
        app.phone.calls.go(Route.BLUETOOTH)
        assertEquals(listOf<Any?>(CallAudioState.ROUTE_SPEAKER, CallAudioState.ROUTE_BLUETOOTH), asked)
    }

    @Test
    fun `from Android 14 on the ways of the sound are Telecom's endpoints`() {
        val connection = ring()
        val asked = connection.asked()
        val (ear, loud, wired) =
            listOf(CallEndpoint.TYPE_EARPIECE, CallEndpoint.TYPE_SPEAKER, CallEndpoint.TYPE_WIRED_HEADSET).map { CallEndpoint("", it) }
        val headset = CallEndpoint("Headset", CallEndpoint.TYPE_BLUETOOTH)
        connection.onAvailableCallEndpointsChanged(listOf(ear, loud, wired, headset))
        connection.onCallEndpointChanged(headset)
        idle()
        val routes = app.phone.calls.routes.value
        assertEquals(Route.BLUETOOTH, routes.current)
        assertEquals(listOf(Route.EARPIECE, Route.SPEAKER, Route.WIRED, Route.BLUETOOTH), routes.available)
        assertTrue("routeChanged" in app.fake.told)
        app.phone.calls.go(Route.WIRED)
        app.phone.calls.go(Route.SPEAKER)
        assertEquals(listOf<Any?>(wired, loud), asked)
    }

    @Test
    fun `a headset or a car shows the name that the contacts have`() {
        FakeContacts.of(FakeContact(1, "Benny", listOf(People.BEN.address)))
        val connection = ring()
        waitUntil("the name is found") { connection.callerDisplayName == "Benny" }
        assertEquals(TelecomManager.PRESENTATION_ALLOWED, connection.callerDisplayNamePresentation)
    }
}
