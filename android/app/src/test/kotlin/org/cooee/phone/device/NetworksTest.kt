package org.cooee.phone.device

import android.net.ConnectivityManager
import android.net.DnsResolver
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.os.CancellationSignal
import android.os.PowerManager
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.cooee.model.Surroundings
import org.cooee.phone.service
import org.cooee.phone.service.ReachService
import org.cooee.phone.stage.app
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.IOException
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress
import java.util.concurrent.Executor

/** What the device tells of its networks, and whom of them it asks for names. */
@RunWith(RobolectricTestRunner::class)
class NetworksTest {
    private val connectivity = shadowOf(app.service<ConnectivityManager>())
    private val network = ShadowNetwork.newInstance(7)
    private val query = byteArrayOf(1, 2, 3)

    @Before
    fun beOnline() = connectivity.setDefaultNetworkActive(true)

    private fun link(
        name: String,
        vararg addresses: String,
    ) = LinkProperties().apply {
        interfaceName = name
        addresses.forEach { addLinkAddress(LinkAddress(InetAddress.getByName(it), 24)) }
    }

    private fun capabilities(vararg all: Int) =
        ShadowNetworkCapabilities.newInstance().also { shadow -> all.forEach { shadowOf(shadow).addCapability(it) } }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `the core is told of the network at each change, of none when it is lost, and of nothing once the service has ended`() {
        val service = buildService(ReachService::class.java).create()
        val callback = connectivity.networkCallbacks.single()
        val told = { app.fake.surroundings.run { copy(mayNotify = null, mayFillScreen = null, mayStayAwake = null, mayListen = null) } }
        callback.onLinkPropertiesChanged(network, link("wlan0", "192.0.2.7", "2001:db8::7"))
        callback.onCapabilitiesChanged(
            network,
            capabilities(NetworkCapabilities.NET_CAPABILITY_NOT_METERED, NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING),
        )
        assertEquals(Surroundings(listOf("wlan0" to "192.0.2.7", "wlan0" to "2001:db8:0:0:0:0:0:7")), told())
        callback.onLost(network)
        assertEquals(Surroundings(emptyList()), told())
        callback.onCapabilitiesChanged(network, capabilities())
        assertEquals("there is nothing to say of none", Surroundings(emptyList()), told())
        shadowOf(app.service<PowerManager>()).setIsPowerSaveMode(true)
        callback.onLinkPropertiesChanged(network, link("rmnet0", "198.51.100.9"))
        assertEquals(Surroundings(listOf("rmnet0" to "198.51.100.9"), metered = true, roaming = true, savingPower = true), told())
        service.destroy()
        assertTrue(connectivity.networkCallbacks.isEmpty())
    }

    @Test
    @Config(sdk = [30, 33, 35], shadows = [Answering::class])
    fun `from Android 10 on names are the system's resolver's, over whatever network there is`() =
        runBlocking {
            Answering.answer = byteArrayOf(4, 5)
            assertArrayEquals(byteArrayOf(4, 5), Device(app).resolve(query))
            assertEquals(null to query.toList(), Answering.asked)
            Answering.answer = null
            assertThrows(IOException::class.java) { runBlocking { Device(app).resolve(query) } }
            Unit
        }

    /** The system's resolver. */
    @Implements(DnsResolver::class)
    class Answering {
        @Implementation
        fun rawQuery(
            network: Network?,
            query: ByteArray,
            @Suppress("UNUSED_PARAMETER") flags: Int,
            executor: Executor,
            @Suppress("UNUSED_PARAMETER") cancel: CancellationSignal?,
            callback: DnsResolver.Callback<in ByteArray>,
        ) {
            asked = network to query.toList()
            val given = answer
            executor.execute {
                if (given != null) callback.onAnswer(given, 0) else callback.onError(failure())
            }
        }

        /** The system alone makes one, in early versions. */
        private fun failure() =
            ReflectionHelpers.callConstructor(
                DnsResolver.DnsException::class.java,
                ClassParameter.from(Int::class.javaPrimitiveType, 0),
                ClassParameter.from(Throwable::class.java, IOException()),
            )

        companion object {
            var asked: Pair<Network?, List<Byte>>? = null
            var answer: ByteArray? = null
        }
    }

    @Test
    @Config(sdk = [28])
    fun `on Android 9 they are the network's own servers', one after the other, over that network`() =
        runBlocking {
            assertThrows(IOException::class.java) { runBlocking { Device(app).resolve(query) } }
            DatagramSocket(0, InetAddress.getByName("127.0.0.2")).use { server ->
                val link = link("wlan0", "192.0.2.7")
                // Nobody listens at the first, and there is no way to the second.
                link.setDnsServers(listOf("127.0.0.3", "2001:db8::53", "127.0.0.2").map(InetAddress::getByName))
                val active = checkNotNull(app.service<ConnectivityManager>().activeNetwork)
                connectivity.setLinkProperties(active, link)
                val answer = async(Dispatchers.IO) { OldResolver(app, server.localPort).ask(query) }
                val question = DatagramPacket(ByteArray(100), 100).also(server::receive)
                assertArrayEquals(query, question.data.copyOf(question.length))
                server.send(DatagramPacket(byteArrayOf(4, 5), 2, question.socketAddress))
                assertArrayEquals(byteArrayOf(4, 5), answer.await())
                assertEquals("over that network", 3, shadowOf(active).boundSocketCount())
            }
        }
}
