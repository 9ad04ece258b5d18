package org.cooee.core

import org.cooee.stage.Server
import java.io.File
import java.util.Base64
import java.util.concurrent.TimeUnit

/** Anna's phone in a process of its own that can be killed. */
class ForkedPhone(
    folder: File,
    server: Server,
) : AutoCloseable {
    private val process =
        ProcessBuilder(
            listOf(File(System.getProperty("java.home"), "bin/java").path, "-Xmx256m", "-cp", System.getProperty("java.class.path")) +
                listOf("-Djna.library.path=${System.getProperty("jna.library.path")}", Main::class.java.name, folder.path) +
                listOf(Base64.getEncoder().encodeToString(server.certificate.encoded), server.address, server.password("anna")),
        ).redirectError(File(folder.parentFile, "${folder.name}.err")).start()
    private val lines = process.inputStream.bufferedReader()

    /** Until it is in its call; what it has laid into its key store, which outlives it. */
    fun untilActive(): Map<String, String> =
        lines.lineSequence().takeWhile { it != ACTIVE }.associate { it.substringBefore(' ') to it.substringAfter(' ') }

    /** By SIGKILL: nothing is said to anybody any more. */
    override fun close() {
        process.destroyForcibly()
        check(process.waitFor(1, TimeUnit.MINUTES)) { "it does not die" }
    }

    /** Signs in, calls, says so, and waits. */
    object Main {
        @JvmStatic
        fun main(arguments: Array<String>) {
            val (folder, certificate, proxy, password) = arguments
            val platform = TestPlatform(CertificateRoot(Base64.getDecoder().decode(certificate), RootOrigin.USER))
            val phone = soon { Phone.start(Config(folder, audio = Audio.Null, loopback = true), platform) }
            val account = NewAccount("anna@cooee.test", Credentials.Password(password), AccountOptions(proxy = proxy))
            val id = soon { phone.addAccount(account) }
            phone.untilStatus { status -> status.accounts.any { it.state is AccountState.Registered } }
            phone.dial("ben@cooee.test", id)
            phone.untilCalls { calls -> calls.any { it.state == CallState.ACTIVE } }
            platform.secrets.forEach { (name, secret) -> println("$name $secret") }
            println(ACTIVE)
            Thread.sleep(Long.MAX_VALUE)
        }
    }

    private companion object {
        const val ACTIVE = "active"
    }
}
