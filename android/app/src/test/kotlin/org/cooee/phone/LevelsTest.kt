package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.media.AudioManager
import android.os.Build
import android.os.Vibrator
import android.telecom.TelecomManager
import android.view.View
import android.widget.TextView
import org.cooee.model.Phrase
import org.cooee.model.Why
import org.cooee.phone.call.CallActivity
import org.cooee.phone.notice.Channels
import org.cooee.phone.screen.Place
import org.cooee.phone.service.CallService
import org.cooee.phone.service.ReachService
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.telecom.CooeeConnection
import org.cooee.phone.telecom.PlainCalls
import org.cooee.phone.telecom.Route
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Where Android's versions differ: each of these runs on the framework code of several of them. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [28, 30, 33, 35])
class LevelsTest {
    @Before
    fun furnish() {
        People.furnish(app.fake)
    }

    @Test
    fun `every screen opens, and back leads out of the app`() {
        val places =
            Place.TABS + listOf(Place.SignIn, Place.MyAddress, Place.Requests, Place.Story(4), Place.Contact("ben@example.org", "Ben")) +
                Place.Safety("ben@example.org", "Ben")
        for (place in places) {
            val controller = home(place)
            assertEquals(place, controller.get().place)
            controller.recreate().pause().stop().destroy()
        }
        val home = home(Place.Requests).get()
        goBack(home)
        assertEquals(Place.People, home.place)
        goBack(home)
        assertTrue(home.isFinishing)
    }

    @Suppress("DEPRECATION")
    private fun goBack(activity: Activity) {
        activity.onBackPressed()
        idle()
    }

    @Test
    fun `an incoming call rings and vibrates, and is quiet once answered on its screen`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.service<AudioManager>().ringerMode = AudioManager.RINGER_MODE_NORMAL
        app.fake.ring(People.BEN)
        idle()
        val telecom = shadowOf(app.service<TelecomManager>())
        val connection = telecom.allowIncomingCall(telecom.lastIncomingCall) as CooeeConnection
        connection.onShowIncomingCallUi()
        start(buildService(CallService::class.java).create().startCommand(0, 0).get())
        val vibrator = shadowOf(app.service<Vibrator>())
        assertTrue(vibrator.isVibrating)
        val screen = calls().get()
        assertEquals("Ben Okafor", screen.find<TextView>(R.id.name).text)
        screen.touch(R.id.answer)
        assertTrue("ANSWER 1" in app.fake.told)
        assertFalse(vibrator.isVibrating)
        screen.touch(R.id.hang_up)
        assertTrue(screen.find<View>(R.id.again).isShown)
    }

    @Test
    fun `the notification of a call answers by the activity and declines by itself`() {
        app.fake.ring(People.BEN)
        val notice = start(buildService(CallService::class.java).create().startCommand(0, 0).get())
        assertEquals(Channels.RINGING to Notification.CATEGORY_CALL, notice.channelId to notice.category)
        assertTrue(shadowOf(checkNotNull(notice.fullScreenIntent)).isActivityIntent)
        val (answer, decline) =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                listOf(Notification.EXTRA_ANSWER_INTENT, Notification.EXTRA_DECLINE_INTENT).map { checkNotNull(extra(notice, it)) }
            } else {
                notice.actions.map { it.actionIntent }
            }
        val opens = shadowOf(answer).savedIntent
        assertEquals(Intent.ACTION_ANSWER to CallActivity::class.java.name, opens.action to opens.component?.className)
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
    fun `services say to the system what they are for, in the words that it knows`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        val reach = buildService(ReachService::class.java).create().startCommand(0, 0).get()
        assertEquals(Channels.REACH, start(reach).channelId)
        val call = app.fake.ring(People.BEN)
        val service = buildService(CallService::class.java).create().startCommand(0, 0).get()
        calls()
        app.fake.change(call, People::spoken)
        assertEquals(Channels.CALL, start(service).channelId)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return
        val microphone = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE else 0
        assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_PHONE_CALL or microphone, service.foregroundServiceType)
        val special = Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE
        if (special) assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_SPECIAL_USE, reach.foregroundServiceType)
    }

    /** What it shows, once it has come that far. */
    private fun start(service: Service): Notification {
        idle()
        return checkNotNull(shadowOf(service).lastForegroundNotification)
    }

    @Test
    fun `kept from Telecom, mode and way of the sound are ours while a call lasts`() {
        val (plain, audio) = PlainCalls(app, app.phone.others) to app.service<AudioManager>()
        val call = app.fake.ring(People.BEN)
        plain.show(app.fake.calls.value)
        assertEquals(setOf(call), plain.mayRing.value)
        app.fake.change(call, People::spoken)
        plain.show(app.fake.calls.value)
        assertEquals(AudioManager.MODE_IN_COMMUNICATION, audio.mode)
        plain.go(Route.SPEAKER)
        assertEquals(Route.SPEAKER, plain.routes.value.current)
        @Suppress("DEPRECATION")
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) assertTrue(audio.isSpeakerphoneOn)
        plain.show(emptyList())
        assertEquals(AudioManager.MODE_NORMAL, audio.mode)
    }

    @Test
    fun `missed calls and texts are shown, and calling back calls`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.fake.end(app.fake.ring(People.BEN), Why(Phrase("end_cancelled_peer")), missed = true)
        idle()
        val missed = shadowOf(app.service<NotificationManager>()).allNotifications.single { it.channelId == Channels.MISSED }
        missed.actions.single().actionIntent.send()
        buildActivity(CallActivity::class.java, shadowOf(app).nextStartedActivity).setup()
        idle()
        assertTrue("dial ${People.BEN.address}" in app.fake.told)
    }

    @Test
    fun `the app speaks the language that the phone is set to`() {
        app.fake.ring(People.BEN)
        for ((language, answer) in listOf("en" to "Answer", "de" to "Annehmen", "ar" to "رد", "fr" to "Answer")) {
            RuntimeEnvironment.setQualifiers("+$language")
            assertEquals(answer, calls().get().find<TextView>(R.id.answer).text)
        }
    }
}
