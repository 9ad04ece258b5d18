package org.cooee.phone.real

import org.cooee.model.AccountState
import org.cooee.model.CallState
import org.cooee.model.Surroundings
import org.cooee.phone.R
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Relay
import org.junit.After
import org.junit.Before
import org.junit.Test
import java.net.NetworkInterface

/** The network goes away, really: the way to the server is cut, or the other phone stands still. */
class NetworkTest : RealTest() {
    private lateinit var relay: Relay

    @Before
    fun signInThroughRelay() {
        relay = Relay(server.address)
        signIn(proxy = relay.address)
    }

    @After
    fun leave() = relay.close()

    @Test
    fun `cut off from its server, the app says so, and recovers by itself when the way is there again`() {
        relay.cut()
        untilAccount("it is cut off") { it !is AccountState.Ready }
        relay.mend()
        untilAccount("it can be reached") { it == AccountState.Ready(reachable = true) }
        server.cliPhone("ben").use { ben ->
            ben.dial("anna@cooee.test")
            waitUntil("it rings") { app.phone.core.calls.value.any { it.rings } }
        }
    }

    @Test
    fun `a call outlives the loss of the server, and is hung up over the new connection`() =
        server.cliPhone("ben").use { ben ->
            val screen = speakWith(ben)
            relay.cut()
            untilAccount("it is cut off") { it !is AccountState.Ready }
            screen.untilSays(R.id.state, "In a call")
            relay.mend()
            untilAccount("it can be reached") { it == AccountState.Ready(reachable = true) }
            screen.untilSays(R.id.state, "In a call")
            ben.obey("hang_up")
            screen.untilSays(R.id.state, "The other side hung up.")
        }

    @Test
    fun `sound that is cut off and comes back is waited for, what stays away ends the call, and one can call again`() =
        server.cliPhone("ben").use { ben ->
            val screen = speakWith(ben)
            ben.freeze()
            waitUntil("it looks for a way") { state() == CallState.RECONNECTING }
            ben.thaw()
            waitUntil("they speak again") { state() == CallState.ACTIVE }
            ben.freeze()
            screen.untilSays(R.id.state, "The other phone stopped answering.")
            ben.thaw()
            screen.touch(R.id.again)
            ben.untilState("ringing")
            ben.obey("answer")
            screen.untilSays(R.id.state, "In a call")
        }

    @Test
    fun `a call whose network is left is waited for while it may come back, and then ends for its sake, and one can call again`() =
        server.cliPhone("ben").use { ben ->
            val here = Surroundings(addresses())
            app.phone.surround(here)
            val screen = speakWith(ben)
            app.phone.surround(Surroundings(emptyList()))
            ben.freeze()
            waitUntil("it looks for a way") { state() == CallState.RECONNECTING }
            app.phone.surround(here)
            ben.thaw()
            waitUntil("they speak again") { state() == CallState.ACTIVE }
            app.phone.surround(Surroundings(emptyList()))
            ben.freeze()
            screen.untilSays(R.id.state, "Your network changed.")
            ben.thaw()
            app.phone.surround(here)
            screen.touch(R.id.again)
            ben.untilState("ringing")
            ben.obey("answer")
            screen.untilSays(R.id.state, "In a call")
        }

    /** All that this machine has, as the system tells them. */
    private fun addresses() =
        NetworkInterface.getNetworkInterfaces().toList().flatMap { one -> one.inetAddresses.toList().map { one.name to it.hostAddress } }

    private fun state() = app.phone.core.calls.value.singleOrNull()?.state

    private fun untilAccount(
        what: String,
        wanted: (AccountState) -> Boolean,
    ) = waitUntil(what) { app.phone.core.status.value.accounts.singleOrNull()?.let { wanted(it.state) } == true }
}
