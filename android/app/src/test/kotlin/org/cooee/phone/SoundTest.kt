package org.cooee.phone

import android.media.AudioDeviceInfo
import android.media.AudioManager
import android.os.Vibrator
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.idle
import org.cooee.phone.telecom.PlainCalls
import org.cooee.phone.telecom.Route
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.AudioDeviceInfoBuilder

/** Who has the sound, and where it goes. */
@RunWith(RobolectricTestRunner::class)
class SoundTest {
    private val audio = app.service<AudioManager>()
    private val plain by lazy { PlainCalls(app, app.phone.others) }

    private fun told() = app.fake.told.filter { it.startsWith("setSystemCall") }.map { it.substringAfter(' ') }

    private fun speak() {
        app.fake.change(app.fake.ring(People.BEN), People::spoken)
        plain.show(app.fake.calls.value)
        idle()
    }

    @Test
    fun `kept from Telecom, calls ring at once, and mode and sound are ours while they last`() {
        val (plain, audio) = PlainCalls(app, app.phone.others) to app.service<AudioManager>()
        val call = app.fake.ring(People.BEN)
        plain.show(app.fake.calls.value)
        assertEquals(setOf(call), plain.mayRing.value)
        app.fake.change(call, People::spoken)
        plain.show(app.fake.calls.value)
        assertEquals(AudioManager.MODE_IN_COMMUNICATION, audio.mode)
        plain.go(Route.SPEAKER)
        assertEquals(Route.SPEAKER, plain.routes.value.current)
        plain.show(emptyList())
        assertEquals(AudioManager.MODE_NORMAL, audio.mode)
    }

    @Test
    fun `a navigator's voice takes nothing away, and a call of the mobile network does until it is over`() {
        speak()
        val heard = checkNotNull(shadowOf(audio).lastAudioFocusRequest.listener)
        heard.onAudioFocusChange(AudioManager.AUDIOFOCUS_LOSS_TRANSIENT_CAN_DUCK)
        assertEquals(emptyList<String>(), told())
        heard.onAudioFocusChange(AudioManager.AUDIOFOCUS_LOSS_TRANSIENT)
        heard.onAudioFocusChange(AudioManager.AUDIOFOCUS_GAIN)
        assertEquals(listOf("HELD", "NONE"), told())
    }

    @Test
    fun `a call that is taken while the mobile network has the sound waits for it`() {
        shadowOf(audio).setNextFocusRequestResponse(AudioManager.AUDIOFOCUS_REQUEST_DELAYED)
        speak()
        assertEquals(listOf("HELD"), told())
        checkNotNull(shadowOf(audio).lastAudioFocusRequest.listener).onAudioFocusChange(AudioManager.AUDIOFOCUS_GAIN)
        assertEquals(listOf("HELD", "NONE"), told())
    }

    @Test
    fun `a headset that is plugged in takes the sound, and gives it back`() {
        speak()
        val headset = AudioDeviceInfoBuilder.newBuilder().setType(AudioDeviceInfo.TYPE_WIRED_HEADSET).build()
        shadowOf(audio).setAvailableCommunicationDevices(listOf(headset))
        audio.setCommunicationDevice(headset)
        shadowOf(audio).addOutputDevice(headset, true)
        idle()
        assertEquals(Route.WIRED, plain.routes.value.current)
        audio.clearCommunicationDevice()
        shadowOf(audio).removeOutputDevice(headset, true)
        idle()
        assertEquals(Route.EARPIECE to listOf(Route.EARPIECE, Route.SPEAKER), plain.routes.value.run { current to available })
    }

    @Test
    fun `a call of the mobile network makes us busy although none of ours is there, and ours rings no louder than a knock`() {
        val others = app.phone.others
        others.follow(AudioManager.MODE_RINGTONE)
        others.follow(AudioManager.MODE_IN_CALL)
        assertEquals(listOf("BUSY"), told())
        others.hasSound = true
        others.hasSound = false
        others.follow(AudioManager.MODE_NORMAL)
        assertEquals(listOf("BUSY", "HELD", "BUSY", "NONE"), told())
        app.fake.ring(People.BEN)
        others.follow(AudioManager.MODE_RINGTONE)
        assertEquals("it is ours that rings", "NONE", told().last())
    }

    @Test
    fun `the system's mode is listened to from the start of the app on`() {
        idle()
        audio.mode = AudioManager.MODE_IN_CALL
        idle()
        assertTrue(app.phone.others.isThere.value)
    }
}
