package org.cooee.phone.device

import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.cooee.phone.service
import java.io.IOException
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress

/** For Android 9, whose resolver takes no queries of ours: asks the network's own servers, one after the other, over that network. */
class OldResolver(
    context: Context,
    private val port: Int = 53,
) {
    private val connectivity = context.service<ConnectivityManager>()

    suspend fun ask(query: ByteArray): ByteArray =
        withContext(Dispatchers.IO) {
            val network = connectivity.activeNetwork ?: throw IOException("no network")
            val link: LinkProperties = connectivity.getLinkProperties(network) ?: throw IOException("no network")
            link.dnsServers.firstNotNullOfOrNull { tryOne(it, network, query) } ?: throw IOException("no DNS server answers")
        }

    /** None if it does not answer, or cannot be reached over this network. */
    private fun tryOne(
        server: InetAddress,
        network: Network,
        query: ByteArray,
    ): ByteArray? =
        try {
            ask(server, network, query)
        } catch (_: IOException) {
            null
        }

    private fun ask(
        server: InetAddress,
        network: Network,
        query: ByteArray,
    ): ByteArray =
        DatagramSocket().use { socket ->
            network.bindSocket(socket)
            socket.soTimeout = PATIENCE_MS
            socket.connect(server, port)
            socket.send(DatagramPacket(query, query.size))
            val answer = DatagramPacket(ByteArray(LARGEST), LARGEST)
            socket.receive(answer)
            answer.data.copyOf(answer.length)
        }

    private companion object {
        const val PATIENCE_MS = 3_000
        const val LARGEST = 4096
    }
}
