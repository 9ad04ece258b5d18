package org.cooee.core

import kotlinx.coroutines.awaitCancellation
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap

/** What an app lends, in memory. */
class TestPlatform(private vararg val roots: CertificateRoot) : Platform {
    val secrets = ConcurrentHashMap<String, String>()

    /** In place of an answer. */
    @Volatile
    var instead: suspend () -> Unit = {}

    override suspend fun roots(): Roots {
        instead()
        return Roots.Only(roots.toList())
    }

    override suspend fun secret(name: String): String? {
        instead()
        return secrets[name]
    }

    override suspend fun keepSecret(
        name: String,
        secret: String,
    ) {
        instead()
        secrets[name] = secret
    }

    override suspend fun forgetSecret(name: String) {
        instead()
        secrets.remove(name)
    }

    override suspend fun sign(
        key: String,
        message: ByteArray,
    ): ByteArray = throw PlatformException.Unsupported()

    override suspend fun resolve(query: ByteArray): ByteArray = throw PlatformException.Failed("no network")

    override suspend fun wakeAt(
        bootTime: Duration?,
        slack: Duration,
    ) = Unit

    override suspend fun awake(awake: Boolean) = Unit

    /** From now on nothing is answered any more. */
    fun hang() {
        instead = { awaitCancellation() }
    }
}
