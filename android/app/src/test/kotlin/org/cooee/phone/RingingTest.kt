package org.cooee.phone

import android.media.AudioManager
import android.os.Build
import android.os.Bundle
import android.os.Vibrator
import android.telecom.PhoneAccount
import android.telecom.PhoneAccountHandle
import android.telecom.TelecomManager
import org.cooee.phone.service.CallService
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.idle
import org.cooee.phone.telecom.Telecoms
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
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

/** Who rings, how, and who is not to be heard; and what Telecom has to say. */
@RunWith(RobolectricTestRunner::class)
class RingingTest {
    private val telecom = shadowOf(app.service<TelecomManager>())
    private val vibrator = shadowOf(app.service<Vibrator>())
    private val audio = app.service<AudioManager>()

    @Before
    fun turnUp() {
        audio.ringerMode = AudioManager.RINGER_MODE_NORMAL
    }

    private fun service(): CallService = buildService(CallService::class.java).create().startCommand(0, 0).get().also { idle() }

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
}
