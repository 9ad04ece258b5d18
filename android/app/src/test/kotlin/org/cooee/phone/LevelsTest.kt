package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.app.Notification
import android.app.Service
import android.content.pm.ServiceInfo
import android.media.AudioManager
import android.os.Build
import android.widget.TextView
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
import org.cooee.phone.telecom.PlainCalls
import org.cooee.phone.telecom.Route
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
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
    fun `the app speaks the language that the phone is set to`() {
        app.fake.ring(People.BEN)
        for ((language, answer) in listOf("en" to "Answer", "de" to "Annehmen", "ar" to "رد", "fr" to "Answer")) {
            RuntimeEnvironment.setQualifiers("+$language")
            assertEquals(answer, calls().get().find<TextView>(R.id.answer).text)
        }
    }
}
