package org.cooee.phone.real

import android.content.Context
import org.cooee.core.PhoneInterface
import org.cooee.model.Authority
import org.cooee.model.Core
import org.cooee.model.Lender
import org.cooee.model.Sound
import org.cooee.model.engine.EngineCore
import org.cooee.phone.CooeeApp
import org.cooee.phone.stage.findSound
import org.robolectric.Shadows.shadowOf
import java.util.concurrent.ConcurrentHashMap

/** The app on the real core: sound is files, and the key store is memory. */
class RealApp : CooeeApp() {
    override fun onCreate() {
        findSound(this)
        getSharedPreferences("preferences", Context.MODE_PRIVATE).edit().putBoolean("system-colours", false).commit()
        shadowOf(packageManager).setSystemFeature("android.software.telecom", true)
        super.onCreate()
    }

    override fun core(): Core = EngineCore.start(filesDir.path, Memory(authorities), scope, sound, watch)

    companion object {
        /** Whom the device trusts. */
        var authorities = emptyList<Authority>()
        var sound = Sound.Files(null, null)

        /** Who looks at what the core is asked. */
        var watch: (PhoneInterface) -> PhoneInterface = { it }
    }
}

/** What a device lends, in memory. */
private class Memory(private val authorities: List<Authority>) : Lender {
    private val secrets = ConcurrentHashMap<String, String>()

    override suspend fun authorities() = authorities

    override suspend fun secret(name: String): String? = secrets[name]

    override suspend fun keepSecret(
        name: String,
        secret: String,
    ) {
        secrets[name] = secret
    }

    override suspend fun forgetSecret(name: String) {
        secrets.remove(name)
    }

    override suspend fun sign(
        key: String,
        message: ByteArray,
    ): ByteArray? = null

    override suspend fun resolve(query: ByteArray): ByteArray = error("no network")

    override suspend fun wakeAt(
        bootTime: Long?,
        slack: Long,
    ) = Unit

    override suspend fun awake(awake: Boolean) = Unit
}
