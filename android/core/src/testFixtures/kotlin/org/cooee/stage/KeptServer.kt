package org.cooee.stage

import java.io.File

/** `cooee serve` for `cooee.test` on a port that was free: people come and go while it runs. */
class KeptServer(
    folder: File,
    certificate: OwnCertificate,
) : AutoCloseable {
    private val home = File(folder, "kept")
    private val process =
        Cooee(
            home,
            *arrayOf("serve", "--domain", "cooee.test", "--host", "127.0.0.1", "--alone"),
            *arrayOf("--tls", "127.0.0.1:0", "--stun", "127.0.0.1:0"),
            *arrayOf("--certificate", certificate.chain.path, "--key", certificate.key.path),
        )

    /** Where it listens by TLS. */
    val address: String =
        process.until("serving") { it.getString("event") == "serving" }.getJSONArray("listening").let { doors ->
            (0 until doors.length()).map(doors::getString).first { it.startsWith("tls ") }.removePrefix("tls ")
        }

    fun add(
        name: String,
        password: String,
    ) = user("add", name, "$password\n")

    fun remove(name: String) = user("remove", name)

    private fun user(
        verb: String,
        name: String,
        input: String = "",
    ) = Cooee(home, "user", verb, "$name@cooee.test", input = input).use { check(it.end() == 0) { it.seen } }

    override fun close() = process.close()
}
