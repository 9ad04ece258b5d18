package org.cooee.stage

import java.io.IOException
import java.net.InetAddress
import java.net.SocketException
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLServerSocket
import kotlin.concurrent.thread

/** Says by TLS that it is `cooee.test`, with a certificate that nobody has signed, and waits for what it is told. */
class Impostor(certificate: OwnCertificate) : AutoCloseable {
    private val door: SSLServerSocket

    /** So many have come. */
    val visits = AtomicInteger()

    /** So many octets it was told, inside of TLS. */
    val heard = AtomicInteger()

    init {
        val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        keys.init(certificate.store, OwnCertificate.PASSWORD.toCharArray())
        val context = SSLContext.getInstance("TLS").apply { init(keys.keyManagers, null, null) }
        door = context.serverSocketFactory.createServerSocket(0, BACKLOG, InetAddress.getByName("127.0.0.1")) as SSLServerSocket
        thread(isDaemon = true) { listen() }
    }

    val address = "127.0.0.1:${door.localPort}"

    private fun listen() {
        try {
            while (true) {
                door.accept().use { visitor ->
                    visits.incrementAndGet()
                    try {
                        while (visitor.getInputStream().read() >= 0) heard.incrementAndGet()
                    } catch (_: IOException) {
                        // It turned away.
                    }
                }
            }
        } catch (_: SocketException) {
            return // closed
        }
    }

    override fun close() = door.close()

    private companion object {
        const val BACKLOG = 8
    }
}
