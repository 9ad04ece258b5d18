package org.cooee.stage

import java.io.File
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate

/** `cooee localserve` on a port that was free, and its people. */
class Server(private val folder: File) : AutoCloseable {
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
        val doors = serving.getJSONArray("listening").let { all -> (0 until all.length()).map(all::getString) }
        address = doors.first { it.startsWith("tls ") }.removePrefix("tls ")
        authority = File(serving.getString("authority"))
    }

    /** The authority that signed its certificate. */
    val certificate: X509Certificate by lazy {
        authority.inputStream().use { CertificateFactory.getInstance("X.509").generateCertificate(it) as X509Certificate }
    }

    fun password(name: String) = passwords.getValue(name)

    /** A phone of the command line that is somebody's, registered. */
    fun cliPhone(
        name: String,
        vararg arguments: String,
    ): Cooee {
        val home = File(folder, name)
        val trust = arrayOf("--trust", authority.path)
        val add = arrayOf("account", "add", "$name@cooee.test", "--proxy", address)
        if (!home.exists()) Cooee(home, *add, *trust, input = "${password(name)}\n").use { check(it.end() == 0) { it.seen } }
        return Cooee(home, "phone", *trust, *arguments).apply { untilState("registered") }
    }

    override fun close() = process.close()
}
