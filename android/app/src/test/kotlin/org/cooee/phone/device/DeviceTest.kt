package org.cooee.phone.device

import android.app.AlarmManager
import android.content.Context
import android.os.Build
import kotlinx.coroutines.runBlocking
import org.cooee.model.Authority
import org.cooee.phone.service
import org.cooee.phone.service.WakeReceiver
import org.cooee.phone.stage.app
import org.cooee.stage.OwnCertificate
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlarmManager
import org.robolectric.shadows.ShadowPowerManager
import org.robolectric.shadows.ShadowSystemClock
import java.nio.file.Files
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.spec.ECGenParameterSpec
import java.time.Duration

/** What the device lends the core: alarms, wakefulness, secrets, keys, authorities. */
@RunWith(RobolectricTestRunner::class)
class DeviceTest {
    private val device by lazy { Device(app) }
    private val alarms = shadowOf(app.service<AlarmManager>())

    @Before
    fun install() = KeyStores.install()

    @After
    fun remove() = KeyStores.remove()

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `an alarm comes though the device sleeps, and exactly where that is allowed and nowhere else`() =
        runBlocking {
            for (isExempt in listOf(false, true)) {
                ShadowAlarmManager.setCanScheduleExactAlarms(isExempt)
                device.wakeAt(bootTime = 600_000, slack = 60_000)
                val alarm = alarms.scheduledAlarms.single()
                assertTrue(alarm.isAllowWhileIdle)
                assertEquals(AlarmManager.ELAPSED_REALTIME_WAKEUP, alarm.type)
                val isExact = isExempt && Build.VERSION.SDK_INT >= Build.VERSION_CODES.S
                assertEquals(if (isExact) 630_000 else 600_000, alarm.triggerAtMs)
                assertEquals(if (isExact) ShadowAlarmManager.WINDOW_EXACT else ShadowAlarmManager.WINDOW_HEURISTIC, alarm.windowLengthMs)
                val intent = shadowOf(alarm.operation).savedIntent
                assertEquals(WakeReceiver::class.java.name, intent.component?.className)
            }
            device.wakeAt(bootTime = 900_000, slack = 0)
            assertEquals("the older one is no more", 900_000, alarms.scheduledAlarms.single().triggerAtMs)
            device.wakeAt(bootTime = null, slack = 0)
            assertTrue(alarms.scheduledAlarms.isEmpty())
        }

    @Test
    fun `it is kept awake until it may sleep, and by an error of ours no longer than a minute`() =
        runBlocking {
            device.awake(true)
            val lock = checkNotNull(ShadowPowerManager.getLatestWakeLock())
            assertTrue(lock.isHeld)
            device.awake(true)
            device.awake(false)
            assertTrue("somebody else still works", lock.isHeld)
            device.awake(false)
            assertFalse(lock.isHeld)
            device.awake(false)
            device.awake(true)
            ShadowSystemClock.advanceBy(Duration.ofSeconds(61))
            assertFalse(lock.isHeld)
        }

    @Test
    fun `a secret is kept sealed, and is forgotten`() =
        runBlocking {
            assertNull(device.secret("password"))
            device.keepSecret("password", "correct horse")
            assertEquals("correct horse", Device(app).secret("password"))
            val kept = app.getSharedPreferences("secrets", Context.MODE_PRIVATE).all
            assertEquals(setOf("password"), kept.keys)
            assertFalse("correct" in "$kept")
            device.forgetSecret("password")
            assertNull(device.secret("password"))
        }

    @Test
    fun `with the key lost or useless a secret is gone, and another one is kept under a new key`() =
        runBlocking {
            val losses = listOf({ KeyStores.keys.clear() }, { KeyStores.breaks = UnrecoverableKeyException() }, KeyStores::install)
            for ((number, lose) in losses.withIndex()) {
                device.keepSecret("password", "old")
                lose()
                assertNull("$number", device.secret("password"))
                device.keepSecret("password", "new")
                assertEquals("$number", "new", device.secret("password"))
            }
        }

    @Test
    fun `a key store that does not answer for now loses nothing`() =
        runBlocking {
            device.keepSecret("password", "old")
            KeyStores.breaks = ProviderException("busy")
            assertThrows(ProviderException::class.java) { runBlocking { device.secret("password") } }
            KeyStores.breaks = null
            assertEquals("old", device.secret("password"))
        }

    @Test
    fun `a secret that another device sealed, or that is no secret, is gone`() =
        runBlocking {
            device.keepSecret("password", "old")
            for (torn in listOf("", "AAAA", "no base64!", "A".repeat(80))) {
                app.getSharedPreferences("secrets", Context.MODE_PRIVATE).edit().putString("password", torn).commit()
                assertNull(torn, device.secret("password"))
            }
        }

    @Test
    fun `a key of the key store signs, and one that is not there does not`() =
        runBlocking {
            val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
            KeyStores.keys["client"] = pair.private as PrivateKey
            val message = "handshake".toByteArray()
            val signature = checkNotNull(device.sign("client", message))
            val verifier = Signature.getInstance("SHA256withECDSA").apply { initVerify(pair.public) }
            verifier.update(message)
            assertTrue(verifier.verify(signature))
            assertNull(device.sign("lost", message))
            KeyStores.breaks = UnrecoverableKeyException()
            assertNull("it cannot be used any more", device.sign("client", message))
        }

    @Test
    fun `whom the device trusts is told, and whom of them the person added`() =
        runBlocking {
            val folder = Files.createTempDirectory("authorities").toFile()
            val certificate = OwnCertificate(folder).certificate
            folder.deleteRecursively()
            KeyStores.authorities["system:1"] = certificate
            KeyStores.authorities["user:2"] = certificate
            val trusted: List<Authority> = device.authorities()
            assertEquals(listOf(false, true), trusted.map { it.byUser })
            trusted.forEach { assertArrayEquals(certificate.encoded, it.certificate) }
        }
}
