package org.cooee.core

import java.io.File
import java.security.cert.CertificateFactory

/** `cooee localserve` on a port that was free, and its people. */
class Server(
    private val folder: File,
) : AutoCloseable {
    private val process = Cooee(File(folder, "server"), "localserve", "--port", "0", "--people", "anna,ben,cleo", "--domain", "cooee.test")
    private val passwords = mutableMapOf<String, String>()
    private val authority: File

    /** Where it listens by TLS. */
    val address: String

    init {
        val serving =
            process.until("serving") {
                if (it.getString("event") == "user") passwords[it.getString("address").substringBefore('@')] = it.getString("password")
                it.getString("event") == "serving"
            }
        val doors = serving.getJSONArray("listening").map { it.toString() }
        address = doors.first { it.startsWith("tls ") }.removePrefix("tls ")
        authority = File(serving.getString("authority"))
    }

    /** The authority that signed its certificate. */
    val root: CertificateRoot by lazy {
        val certificate = authority.inputStream().use { CertificateFactory.getInstance("X.509").generateCertificate(it) }
        CertificateRoot(certificate.encoded, RootOrigin.USER)
    }

    fun account(
        name: String,
        password: String = passwords.getValue(name),
    ) = NewAccount("$name@cooee.test", Credentials.Password(password), AccountOptions(proxy = address))

    /** A phone of the command line that is somebody's, registered. */
    fun cliPhone(
        name: String,
        vararg arguments: String,
    ): Cooee {
        val home = File(folder, name)
        val trust = arrayOf("--trust", authority.path)
        val add = arrayOf("account", "add", "$name@cooee.test", "--proxy", address)
        Cooee(home, *add, *trust, input = "${passwords.getValue(name)}\n").use { check(it.end() == 0) { it.seen } }
        return Cooee(home, "phone", *trust, *arguments).apply { untilState("registered") }
    }

    override fun close() = process.close()
}
