package org.cooee.stage

import java.io.File
import java.security.KeyStore
import java.security.cert.X509Certificate
import java.util.Base64

/** A certificate for `cooee.test` on this machine, signed by nobody but itself, with its key; made by the JDK's `keytool`. */
class OwnCertificate(folder: File) {
    private val file = File(folder, "own.p12")
    val store: KeyStore

    init {
        folder.mkdirs()
        val names = "san=dns:cooee.test,ip:127.0.0.1"
        val made =
            ProcessBuilder(
                listOf(File(System.getProperty("java.home"), "bin/keytool").path, "-genkeypair", "-alias", ALIAS, "-keyalg", "RSA") +
                    listOf("-keysize", "2048", "-dname", "CN=cooee.test", "-ext", names, "-storetype", "PKCS12") +
                    listOf("-keystore", file.path, "-storepass", PASSWORD),
            ).redirectErrorStream(true).redirectOutput(File(folder, "keytool.out")).start()
        check(made.waitFor() == 0) { File(folder, "keytool.out").readText() }
        store = KeyStore.getInstance(file, PASSWORD.toCharArray())
    }

    val certificate = store.getCertificate(ALIAS) as X509Certificate

    /** Both as PEM, in files. */
    val chain = pem(folder, "CERTIFICATE", certificate.encoded)
    val key = pem(folder, "PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).encoded)

    private fun pem(
        folder: File,
        label: String,
        octets: ByteArray,
    ) = File(folder, "$label.pem").apply {
        writeText("-----BEGIN $label-----\n${Base64.getMimeEncoder().encodeToString(octets)}\n-----END $label-----\n")
    }

    companion object {
        const val PASSWORD = "throwaway"
        private const val ALIAS = "server"
    }
}
