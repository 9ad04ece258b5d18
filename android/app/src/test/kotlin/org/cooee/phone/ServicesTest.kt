package org.cooee.phone

import android.Manifest
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.media.AudioManager
import android.os.Build
import android.os.PowerManager
import android.os.Vibrator
import android.telecom.Connection
import android.telecom.TelecomManager
import android.view.KeyEvent
import org.cooee.model.Action
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Phrase
import org.cooee.phone.call.CallActivity
import org.cooee.phone.notice.Channels
import org.cooee.phone.service.CallService
import org.cooee.phone.service.ReachService
import org.cooee.phone.service.WakeReceiver
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.waitUntil
import org.cooee.phone.telecom.CooeeConnection
import org.cooee.phone.telecom.Route
import org.cooee.phone.telecom.Routes
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowPowerManager
import org.robolectric.shadows.ShadowService

/** Ringing, notifications, and what the system knows of calls. */
@RunWith(RobolectricTestRunner::class)
class ServicesTest {
    private val telecom = app.service<TelecomManager>()
    private val notices = shadowOf(app.service<NotificationManager>())
    private val vibrator = shadowOf(app.service<Vibrator>())

    /** A call comes in, and the system allows it. */
    private fun incoming(): CooeeConnection {
        app.fake.ring(People.BEN)
        idle()
        return shadowOf(telecom).allowIncomingCall(shadowOf(telecom).lastIncomingCall) as CooeeConnection
    }

    private fun service(): CallService = buildService(CallService::class.java).create().startCommand(0, 0).get().also { idle() }

    private fun notice(service: CallService): Notification = checkNotNull(shadowOf(service).lastForegroundNotification)

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `a call rings once the system says so, and is quiet when it is answered`() {
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_NORMAL
        val connection = incoming()
        service()
        assertFalse(vibrator.isVibrating)
        connection.onShowIncomingCallUi()
        idle()
        assertTrue(vibrator.isVibrating)
        app.fake.connect(1)
        idle()
        assertFalse(vibrator.isVibrating)
    }

    @Test
    fun `it is silent in silent mode, and when a volume key is pressed, and for a stranger`() {
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_SILENT
        incoming().onShowIncomingCallUi()
        service()
        assertFalse(vibrator.isVibrating)
        app.fake.end(1)
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_NORMAL
        incoming().onShowIncomingCallUi()
        idle()
        assertTrue(vibrator.isVibrating)
        assertTrue(calls().get().onKeyDown(KeyEvent.KEYCODE_VOLUME_DOWN, null))
        assertFalse(vibrator.isVibrating)
        app.fake.end(2)
        app.fake.ring(People.CLEO) { it.copy(introduction = Introduction()) }
        idle()
        app.phone.telecom.ring(3)
        idle()
        assertFalse(vibrator.isVibrating)
    }

    @Test
    fun `the system silences it when a key is pressed that goes to nobody else`() {
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_NORMAL
        val connection = incoming()
        connection.onShowIncomingCallUi()
        service()
        assertTrue(vibrator.isVibrating)
        connection.onSilence()
        assertFalse(vibrator.isVibrating)
    }

    @Test
    fun `a stranger who asks without a sound takes nobody's place in Telecom, and a second call is not declined for the first`() {
        app.fake.ring(People.CLEO) { it.copy(introduction = Introduction()) }
        idle()
        assertTrue(shadowOf(telecom).allIncomingCalls.isEmpty())
        val ben = incoming()
        ben.onShowIncomingCallUi()
        app.fake.ring(People.CLEO)
        idle()
        shadowOf(telecom).denyIncomingCall(shadowOf(telecom).lastIncomingCall)
        idle()
        assertTrue(app.fake.told.none { it.startsWith("DECLINE") })
        assertTrue(3L in app.phone.telecom.mayRing.value)
        app.fake.change(1) { it.copy(introduction = null) }
        idle()
        assertEquals("let ring, it is announced", 3, shadowOf(telecom).allIncomingCalls.size)
    }

    @Test
    fun `a call that Telecom refused beside another is announced again once that rings no more, and when answered never hung up`() {
        val ben = incoming()
        app.fake.ring(People.CLEO)
        idle()
        shadowOf(telecom).denyIncomingCall(shadowOf(telecom).lastIncomingCall)
        app.fake.change(2) { it.copy(rate = 1) }
        idle()
        assertEquals("not while the other rings", 2, shadowOf(telecom).allIncomingCalls.size)
        app.fake.change(1, People::spoken)
        idle()
        assertEquals(3, shadowOf(telecom).allIncomingCalls.size)
        app.fake.change(2, People::spoken)
        idle()
        shadowOf(telecom).denyIncomingCall(shadowOf(telecom).lastIncomingCall)
        idle()
        assertTrue(app.fake.told.none { it.startsWith("DECLINE") || it.startsWith("HANG_UP") })
        assertEquals(Connection.STATE_ACTIVE, ben.state)
    }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `the notification of a call is the system's own, fills the screen, answers by the activity and declines by itself`() {
        app.fake.ring(People.BEN)
        val notice = notice(service())
        assertEquals(Channels.RINGING to Notification.CATEGORY_CALL, notice.channelId to notice.category)
        val screen = shadowOf(checkNotNull(notice.fullScreenIntent))
        assertTrue(screen.isActivityIntent && screen.savedIntent.component?.className == CallActivity::class.java.name)
        val (answer, decline) =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                assertEquals("android.app.Notification\$CallStyle", notice.extras.getString(Notification.EXTRA_TEMPLATE))
                listOf(Notification.EXTRA_ANSWER_INTENT, Notification.EXTRA_DECLINE_INTENT).map { checkNotNull(extra(notice, it)) }
            } else {
                notice.actions.map { it.actionIntent }
            }
        assertTrue(shadowOf(answer).isActivityIntent && shadowOf(answer).savedIntent.action == Intent.ACTION_ANSWER)
        decline.send()
        idle()
        assertTrue("DECLINE 1" in app.fake.told)
    }

    @Suppress("DEPRECATION")
    private fun extra(
        notice: Notification,
        name: String,
    ): PendingIntent? = notice.extras.getParcelable(name)

    @Test
    fun `the microphone is asked of the system only in an answered call that is seen and may record`() {
        val call = app.fake.ring(People.BEN)
        val service = service()
        val type = { service.foregroundServiceType }
        assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL, type())
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.fake.change(call, People::spoken)
        idle()
        assertEquals("unseen", ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL, type())
        val screen = calls()
        service.onStartCommand(null, 0, 1)
        val both = ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL or ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE
        assertEquals(both, type())
        screen.pause().stop()
        app.fake.ring(People.CLEO)
        idle()
        assertEquals("it is not taken away in mid-call", both, type())
    }

    @Test
    fun `a call is shown anew for what its notification says, not for what is measured, and keeps the name of the contacts`() {
        FakeContacts.of(FakeContact(1, "Benny", listOf(People.BEN.address)))
        val call = app.fake.ring(People.BEN)
        val service = service()
        val title = { notice: Notification? -> notice?.extras?.getString(Notification.EXTRA_TITLE) }
        waitUntil("the name is found") { title(notices.getNotification(1)) == "Benny" }
        app.fake.change(call, People::spoken)
        idle()
        val spoken = notice(service)
        assertEquals("Benny", title(spoken))
        app.fake.change(call) { it.copy(rate = 9_600, verdicts = listOf(Phrase("one_way_cause_not_heard"))) }
        idle()
        assertSame(spoken, notice(service))
        app.fake.change(call) { it.copy(muted = true) }
        idle()
        assertNotSame(spoken, notice(service))
        val muted = notice(service)
        service.onStartCommand(null, 0, 1)
        assertNotSame("it was started", muted, notice(service))
    }

    @Test
    fun `the service ends with the last call`() {
        val call = app.fake.ring(People.BEN)
        val controller = buildService(CallService::class.java).create().startCommand(0, 0)
        idle()
        assertTrue(checkNotNull(ShadowPowerManager.getLatestWakeLock()).isHeld)
        app.fake.end(call)
        idle()
        assertTrue(shadowOf(controller.get()).isStoppedBySelf)
        controller.destroy()
        assertFalse(checkNotNull(ShadowPowerManager.getLatestWakeLock()).isHeld)
    }

    @Test
    fun `the screen goes dark at an ear, in a call whose sound is there`() {
        shadowOf(app.service<PowerManager>()).setIsWakeLockLevelSupported(PowerManager.PROXIMITY_SCREEN_OFF_WAKE_LOCK, true)
        val call = app.fake.ring(People.BEN)
        service()
        val dark = checkNotNull(ShadowPowerManager.getLatestWakeLock())
        assertFalse("it rings", dark.isHeld)
        app.fake.change(call, People::spoken)
        idle()
        assertTrue(dark.isHeld)
        app.phone.telecom.routes.value = Routes(Route.SPEAKER)
        idle()
        assertFalse("it is loud", dark.isHeld)
        app.phone.telecom.routes.value = Routes(Route.EARPIECE)
        idle()
        assertTrue(dark.isHeld)
        app.fake.end(call)
        idle()
        assertFalse("it is over", dark.isHeld)
    }

    @Test
    fun `for Telecom a call is active once answered, and held when we hold it`() {
        val connection = incoming()
        assertEquals(Connection.STATE_RINGING, connection.state)
        app.fake.change(1) { People.spoken(it).copy(state = CallState.CONNECTING) }
        idle()
        assertEquals(Connection.STATE_ACTIVE, connection.state)
        app.fake.act(1, Action.HOLD)
        idle()
        assertEquals(Connection.STATE_HOLDING, connection.state)
        connection.onUnhold()
        connection.onDisconnect()
        idle()
        assertEquals(listOf("HOLD 1", "RESUME 1", "HANG_UP 1"), app.fake.told.filter { it.endsWith(" 1") })
        assertEquals(Connection.STATE_DISCONNECTED, connection.state)
    }

    @Test
    fun `while a call of the system's own has the sound the core is told so, until the system or the person takes ours back`() {
        val connection = incoming()
        app.fake.change(1, People::spoken)
        idle()
        val told = { app.fake.told.filter { it.startsWith("setSystemCall") } }
        connection.onHold()
        connection.onUnhold()
        assertEquals(listOf("setSystemCall HELD", "setSystemCall NONE"), told())
        connection.onHold()
        app.fake.act(1, Action.HOLD)
        idle()
        app.fake.act(1, Action.RESUME)
        idle()
        assertEquals(Connection.STATE_ACTIVE, connection.state)
        assertEquals("setSystemCall NONE", told().last())
        connection.onHold()
        app.fake.end(1)
        idle()
        assertEquals(List(3) { listOf("setSystemCall HELD", "setSystemCall NONE") }.flatten(), told())
    }

    @Test
    fun `a call of ours that the system holds for another of ours is no call of the system's own`() {
        val first = incoming()
        app.fake.change(1, People::spoken)
        app.fake.ring(People.CLEO)
        app.fake.change(2, People::spoken)
        idle()
        first.onHold()
        assertTrue(app.fake.told.none { it.startsWith("setSystemCall") })
        app.fake.change(2) { it.copy(state = CallState.HELD, heldByUs = true) }
        first.onHold()
        assertTrue("setSystemCall HELD" in app.fake.told)
    }

    @Test
    fun `when the sound goes another way the core opens it anew`() {
        incoming()
        app.phone.telecom.routes.value = Routes(Route.BLUETOOTH)
        idle()
        app.phone.telecom.routes.value = Routes(Route.BLUETOOTH, listOf(Route.BLUETOOTH))
        idle()
        assertEquals(1, app.fake.told.count { it == "routeChanged" })
    }

    @Test
    fun `answered by a headset or a car, the screen opens and answers, and where it is not let open a notification says to open it`() {
        incoming().onAnswer()
        val started = checkNotNull(shadowOf(app).nextStartedActivity)
        assertEquals(CallActivity::class.java.name to Intent.ACTION_ANSWER, started.component?.className to started.action)
        val says = { notices.allNotifications.map { it.extras.getString(Notification.EXTRA_TITLE) } }
        assertTrue("Open Cooee to speak" in says())
        val opens = shadowOf(checkNotNull(notices.getNotification("open", 1).contentIntent)).savedIntent
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        buildActivity(CallActivity::class.java, opens).setup()
        idle()
        assertTrue("ANSWER 1" in app.fake.told)
        assertFalse("Open Cooee to speak" in says())
    }

    @Test
    fun `whoever dials and looks away is heard when it is answered`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        val call = app.fake.dial(People.BEN.address)
        idle()
        val service = service()
        val screen = calls()
        service.onStartCommand(null, 0, 2)
        screen.pause().stop()
        assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL, service.foregroundServiceType)
        app.fake.change(call, People::spoken)
        idle()
        val microphone = ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL or ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE
        assertEquals(microphone, service.foregroundServiceType)
    }

    @Test
    @Config(shadows = [Unseen::class])
    fun `where the system refuses the microphone, the call goes on, and a notification says to open the app`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.fake.change(app.fake.ring(People.BEN), People::spoken)
        calls()
        val service = service()
        assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL, service.foregroundServiceType)
        assertEquals("Open Cooee to speak", notices.getNotification("open", 1).extras.getString(Notification.EXTRA_TITLE))
    }

    /** A system that sees no screen of ours. */
    @Implements(Service::class)
    class Unseen : ShadowService() {
        @Implementation
        override fun startForeground(
            id: Int,
            notice: Notification?,
            type: Int,
        ) {
            if (type and ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE != 0) throw SecurityException("in the background")
            super.startForeground(id, notice, type)
        }
    }

    @Test
    fun `what Telecom does not allow is declined, or hung up`() {
        app.fake.ring(People.BEN)
        idle()
        shadowOf(telecom).denyIncomingCall(shadowOf(telecom).lastIncomingCall)
        idle()
        assertTrue("DECLINE 1" in app.fake.told)
    }

    @Test
    fun `the connection is kept as long as somebody is signed in, and from the start of the device on`() {
        idle()
        val started = generateSequence { shadowOf(app).nextStartedService }.map { it.component?.className }.toList()
        assertTrue(ReachService::class.java.name in started)
        WakeReceiver().onReceive(app as Context, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertEquals(ReachService::class.java.name, shadowOf(app).nextStartedService?.component?.className)
        idle()
        assertTrue("wake BOOT" in app.fake.told)
        val service = buildService(ReachService::class.java).create().startCommand(0, 0).get()
        idle()
        val notice = checkNotNull(shadowOf(service).lastForegroundNotification)
        app.fake.setDoNotDisturb(true)
        idle()
        assertSame("the same is said", notice, shadowOf(service).lastForegroundNotification)
        app.fake.signOut(1)
        idle()
        assertTrue(shadowOf(service).isStoppedBySelf)
        assertNull(shadowOf(app).nextStartedService)
        app.fake.status.value = TestApp.SIGNED_IN
        idle()
        assertEquals("signed in again", ReachService::class.java.name, shadowOf(app).nextStartedService?.component?.className)
        home()
        assertEquals("opened", ReachService::class.java.name, shadowOf(app).nextStartedService?.component?.className)
    }
}
