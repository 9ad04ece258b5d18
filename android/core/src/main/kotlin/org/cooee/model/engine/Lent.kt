package org.cooee.model.engine

import org.cooee.core.CertificateRoot
import org.cooee.core.Platform
import org.cooee.core.PlatformException
import org.cooee.core.RootOrigin
import org.cooee.core.Roots
import org.cooee.model.Lender
import java.time.Duration

/** What the device lends, as the engine asks for it. */
internal class Lent(private val lender: Lender) : Platform {
    override suspend fun roots(): Roots =
        lender.authorities()?.let { all ->
            Roots.Only(all.map { CertificateRoot(it.certificate, if (it.byUser) RootOrigin.USER else RootOrigin.SYSTEM) })
        } ?: Roots.System

    override suspend fun secret(name: String) = lender.secret(name)

    override suspend fun keepSecret(
        name: String,
        secret: String,
    ) = lender.keepSecret(name, secret)

    override suspend fun forgetSecret(name: String) = lender.forgetSecret(name)

    override suspend fun sign(
        key: String,
        message: ByteArray,
    ) = lender.sign(key, message) ?: throw PlatformException.Unsupported()

    override suspend fun resolve(query: ByteArray) = lender.resolve(query)

    override suspend fun wakeAt(
        bootTime: Duration?,
        slack: Duration,
    ) = lender.wakeAt(bootTime?.toMillis(), slack.toMillis())

    override suspend fun awake(awake: Boolean) = lender.awake(awake)
}
