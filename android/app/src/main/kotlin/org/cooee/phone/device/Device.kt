package org.cooee.phone.device

import android.annotation.TargetApi
import android.app.AlarmManager
import android.app.PendingIntent
import android.content.Context
import android.os.Build
import android.os.PowerManager
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.cooee.model.Authority
import org.cooee.model.Lender
import org.cooee.phone.service
import org.cooee.phone.service.WakeReceiver
import java.security.KeyStore
import java.security.cert.X509Certificate

/** What this device lends the core. */
class Device(private val context: Context) : Lender {
    private val secrets = Secrets(context)
    private val lock =
        context.service<PowerManager>().newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "cooee:work").apply { setReferenceCounted(true) }

    override suspend fun authorities(): List<Authority> =
        withContext(Dispatchers.IO) {
            val store = KeyStore.getInstance("AndroidCAStore").apply { load(null) }
            store.aliases().toList().mapNotNull { alias ->
                (store.getCertificate(alias) as? X509Certificate)?.let { Authority(it.encoded, byUser = alias.startsWith("user:")) }
            }
        }

    override suspend fun secret(name: String) = withContext(Dispatchers.IO) { secrets.read(name) }

    override suspend fun keepSecret(
        name: String,
        secret: String,
    ) = withContext(Dispatchers.IO) { secrets.write(name, secret) }

    override suspend fun forgetSecret(name: String) = secrets.forget(name)

    override suspend fun sign(
        key: String,
        message: ByteArray,
    ) = withContext(Dispatchers.IO) { secrets.sign(key, message) }

    override suspend fun resolve(query: ByteArray): ByteArray =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) Resolver.ask(query) else OldResolver(context).ask(query)

    override suspend fun wakeAt(
        bootTime: Long?,
        slack: Long,
    ) {
        val alarms = context.service<AlarmManager>()
        val wake = PendingIntent.getBroadcast(context, 0, WakeReceiver.alarm(context), PendingIntent.FLAG_IMMUTABLE)
        when {
            bootTime == null -> alarms.cancel(wake)
            mayBeExact(alarms) -> alarms.setExactAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, bootTime + slack / 2, wake)
            else -> alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, bootTime, wake)
        }
    }

    private fun mayBeExact(alarms: AlarmManager) = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && isExempt(alarms)

    @TargetApi(Build.VERSION_CODES.S)
    private fun isExempt(alarms: AlarmManager) = alarms.canScheduleExactAlarms()

    override suspend fun awake(awake: Boolean) {
        // No longer than this, whatever happens: a battery is not to be emptied by an error of ours.
        if (awake) {
            lock.acquire(LONGEST_MS)
        } else if (lock.isHeld) {
            lock.release()
        }
    }

    private companion object {
        const val LONGEST_MS = 60_000L
    }
}
