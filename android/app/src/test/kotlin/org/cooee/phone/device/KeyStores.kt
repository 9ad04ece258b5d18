package org.cooee.phone.device

import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreException
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** Plays the key stores of an Android device: its keys (`AndroidKeyStore`), and whom it trusts (`AndroidCAStore`). */
object KeyStores {
    val keys = mutableMapOf<String, Key>()

    /** Authorities by their aliases: `system:…` or `user:…`. */
    val authorities = sortedMapOf<String, Certificate>()

    /** What who asks for a key gets, until another is made in its place. */
    var breaks: Exception? = null

    /** From now on, with nothing in it. */
    fun install() {
        keys.clear()
        authorities.clear()
        breaks = null
        Security.removeProvider(Played.name)
        Security.addProvider(Played)
    }

    fun remove() = Security.removeProvider(Played.name)

    private object Played : Provider("AndroidKeyStore", "1", "plays the device's own") {
        init {
            put("KeyStore.AndroidKeyStore", Keys::class.java.name)
            put("KeyStore.AndroidCAStore", Authorities::class.java.name)
            put("KeyGenerator.AES", Generator::class.java.name)
        }
    }

    class Keys : Store() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = breaks?.let { throw it } ?: keys[alias]

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(keys.keys)
    }

    class Authorities : Store() {
        override fun engineAliases(): Enumeration<String> = Collections.enumeration(authorities.keys)

        override fun engineGetCertificate(alias: String) = authorities[alias]
    }

    class Generator : KeyGeneratorSpi() {
        private var alias = ""

        override fun engineInit(random: SecureRandom?) = throw KeyStoreException("it makes keys of the store's own only")

        override fun engineInit(
            what: AlgorithmParameterSpec?,
            random: SecureRandom?,
        ) {
            alias = (what as android.security.keystore.KeyGenParameterSpec).keystoreAlias
        }

        override fun engineInit(
            bits: Int,
            random: SecureRandom?,
        ) = engineInit(random)

        override fun engineGenerateKey(): SecretKey {
            breaks = null
            return SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES").also { keys[alias] = it }
        }
    }

    /** What nobody asks of either. */
    abstract class Store : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = throw UnrecoverableKeyException()

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineContainsAlias(alias: String) = alias in engineAliases().toList()

        override fun engineSize() = engineAliases().toList().size

        override fun engineIsKeyEntry(alias: String) = alias in keys

        override fun engineIsCertificateEntry(alias: String) = alias in authorities

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineDeleteEntry(alias: String) = Unit

        override fun engineSetKeyEntry(
            alias: String,
            key: Key?,
            password: CharArray?,
            chain: Array<out Certificate>?,
        ) = Unit

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray?,
            chain: Array<out Certificate>?,
        ) = Unit

        override fun engineSetCertificateEntry(
            alias: String,
            certificate: Certificate?,
        ) = Unit

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = Unit
    }
}
