package org.cooee.model

/** What the device lends the core. Each answer may take its time; an exception is taken as "it cannot". */
interface Lender {
    /** The certificate authorities that the device trusts; none: those that its system keeps in files. */
    suspend fun authorities(): List<Authority>?

    suspend fun secret(name: String): String?

    suspend fun keepSecret(
        name: String,
        secret: String,
    )

    suspend fun forgetSecret(name: String)

    /** Signs with a key that never leaves the key store; none if there is no such key. */
    suspend fun sign(
        key: String,
        message: ByteArray,
    ): ByteArray?

    /** A DNS message for the resolver of the network, and what it answers. */
    suspend fun resolve(query: ByteArray): ByteArray

    /** Wake the device so many milliseconds after it was started, at most [slack] later; none: no need any more. */
    suspend fun wakeAt(
        bootTime: Long?,
        slack: Long,
    )

    /** Keep the device awake, or no longer. */
    suspend fun awake(awake: Boolean)
}

/** A certificate authority: DER, and whether the device's owner put it there. */
class Authority(
    val certificate: ByteArray,
    val byUser: Boolean,
)
