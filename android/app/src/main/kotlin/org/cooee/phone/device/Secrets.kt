package org.cooee.phone.device

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.util.Base64
import java.security.GeneralSecurityException
import java.security.Key
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.UnrecoverableKeyException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Secrets, encrypted by a key that never leaves the device's key store. Restored on another device, or with the key lost, a secret is
 * gone: sign in again. The key asks for no fingerprint, since calls must come in while nobody is there.
 */
class Secrets(context: Context) {
    private val kept = context.getSharedPreferences("secrets", Context.MODE_PRIVATE)

    fun read(name: String): String? =
        try {
            kept.getString(name, null)?.let { decrypt(Base64.decode(it, Base64.NO_WRAP)) }
        } catch (_: GeneralSecurityException) {
            null
        } catch (_: IllegalArgumentException) {
            null // It is torn.
        }

    fun write(
        name: String,
        secret: String,
    ) {
        val cipher = Cipher.getInstance(CIPHER).apply { init(Cipher.ENCRYPT_MODE, key(KEY) as? SecretKey ?: newKey()) }
        val sealed = cipher.iv + cipher.doFinal(secret.toByteArray())
        check(kept.edit().putString(name, Base64.encodeToString(sealed, Base64.NO_WRAP)).commit()) { "the secret was not written" }
    }

    fun forget(name: String) = kept.edit().remove(name).apply()

    /** Signs with a key of the key store; none if it is not there. */
    fun sign(
        name: String,
        message: ByteArray,
    ): ByteArray? {
        val key = key(name) as? PrivateKey ?: return null
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    private fun decrypt(sealed: ByteArray): String? {
        val key = key(KEY) as? SecretKey ?: return null
        val cipher = Cipher.getInstance(CIPHER).apply { init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 0, IV_OCTETS)) }
        return String(cipher.doFinal(sealed, IV_OCTETS, sealed.size - IV_OCTETS))
    }

    /** None: it is not there, or is of no use any more. */
    private fun key(name: String): Key? =
        try {
            KeyStore.getInstance(STORE).apply { load(null) }.getKey(name, null)
        } catch (_: UnrecoverableKeyException) {
            null
        }

    private fun newKey(): SecretKey {
        val what =
            KeyGenParameterSpec
                .Builder(KEY, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).apply { init(what) }.generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val KEY = "cooee-secrets"
        const val CIPHER = "AES/GCM/NoPadding"
        const val TAG_BITS = 128
        const val IV_OCTETS = 12
    }
}
