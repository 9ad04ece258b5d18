package org.cooee.stage

import java.net.ConnectException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.util.concurrent.ConcurrentHashMap
import kotlin.concurrent.thread

/** A way to a server of this machine (`127.0.0.1:5061`) that can be cut: all octets pass as they are. */
class Relay(private val target: String) : AutoCloseable {
    private val door = ServerSocket(0, BACKLOG, InetAddress.getByName("127.0.0.1"))
    private val ends: MutableSet<Socket> = ConcurrentHashMap.newKeySet()

    @Volatile
    private var isCut = false

    /** Where it listens. */
    val address = "127.0.0.1:${door.localPort}"

    init {
        thread(isDaemon = true) { accept() }
    }

    private fun accept() {
        try {
            while (true) pass(door.accept())
        } catch (_: SocketException) {
            return // closed
        }
    }

    /** While it is cut, whoever comes is let in and out at once, as by a router without a network. */
    private fun pass(near: Socket) {
        if (isCut) return near.close()
        val far =
            try {
                Socket(target.substringBeforeLast(':'), target.substringAfterLast(':').toInt())
            } catch (_: ConnectException) {
                return near.close() // the server is not there; others may find it
            }
        ends += listOf(near, far)
        thread(isDaemon = true) { pour(near, far) }
        thread(isDaemon = true) { pour(far, near) }
        if (isCut) cut()
    }

    private fun pour(
        from: Socket,
        to: Socket,
    ) {
        try {
            from.getInputStream().copyTo(to.getOutputStream())
        } catch (_: SocketException) {
            // cut
        } finally {
            listOf(from, to).forEach { it.close() }
            ends -= listOf(from, to).toSet()
        }
    }

    /** Whatever is connected no longer is, and nobody gets through. */
    fun cut() {
        isCut = true
        ends.toList().forEach { it.close() }
    }

    /** The way is there again. */
    fun mend() {
        isCut = false
    }

    override fun close() {
        door.close()
        cut()
    }

    private companion object {
        const val BACKLOG = 8
    }
}
