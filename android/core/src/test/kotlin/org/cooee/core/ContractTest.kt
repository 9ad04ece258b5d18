package org.cooee.core

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import org.cooee.stage.FOREVER_MS
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** What the app may rely on, seen from Kotlin: answers, typed refusals, ends of streams, waits that are given up. */
class ContractTest {
    private val anna = NewAccount("anna@example.org", Credentials.Password("hunter2"))

    @Test
    fun `a phone that cannot start says why`() =
        Folder().use { folder ->
            val start = { config: Config, platform: Platform -> soon { Phone.start(config, platform) } }
            val config = Scene.config(folder)
            assertThrows(StartException.BadRegion::class.java) { start(config.copy(region = "Atlantis"), TestPlatform()) }
            val speak = Audio.Files(speak = "/nonexistent.wav", record = null)
            assertThrows(StartException.Sound::class.java) { start(config.copy(audio = speak), TestPlatform()) }
            val dns = Dns.Servers(listOf("no server"))
            assertThrows(StartException.BadDnsServer::class.java) { start(config.copy(dns = dns), TestPlatform()) }
            File(folder.path, "file").writeText("")
            val below = config.copy(dataDir = "${folder.path}/file/below")
            assertThrows(StartException.Storage::class.java) { start(below, TestPlatform()) }
            val throwing = TestPlatform().apply { instead = { error("no key store today") } }
            val thrown = assertThrows(StartException.Platform::class.java) { start(config, throwing) }
            assertTrue(thrown.text, "no key store today" in thrown.text)
            Unit
        }

    @Test
    fun `whoever wakes the phone hears whether it may sleep again or a call rings`() =
        Scene().use { scene ->
            val phone = scene.phone
            val reasons = listOf(WakeReason.Alarm, WakeReason.Network, WakeReason.Boot)
            reasons.forEach { assertEquals(Woken.DONE, soon { phone.wake(it) }) }
            soon { phone.addAccount(anna) }
            scene.untilStatus { status -> status.accounts.any { it.state != AccountState.Stored } }
            val invite = "From: <sip:ben@example.net>\r\nTo: <sip:anna@example.org>\r\nCall-ID: 7\r\n"
            assertEquals(Woken.RINGING, soon { phone.wake(WakeReason.Push(invite.toByteArray())) })
            val call = scene.event<Event.IncomingCall>().call
            phone.decline(call, busy = false)
            assertEquals(EndReason.Declined(Side.US), scene.event<Event.CallEnded> { it.call == call }.reason)
        }

    @Test
    fun `commands answer an id or a typed refusal`() =
        Scene().use { scene ->
            val phone = scene.phone
            assertThrows(Refused.NoSuchAccount::class.java) { phone.dial("ben@example.org") }
            assertThrows(Refused.BadAddress::class.java) { soon { phone.addAccount(anna.copy(address = "nobody")) } }
            val notYet = listOf(Credentials.Invite("x"), Credentials.Guest("x"))
            notYet.forEach { assertThrows(Refused.NotYet::class.java) { soon { phone.addAccount(anna.copy(credentials = it)) } } }
            val keyed = anna.copy(credentials = Credentials.ClientKey("device", certificates = listOf()))
            assertThrows(Refused.BadKey::class.java) { soon { phone.addAccount(keyed) } }
            val account = soon { phone.addAccount(anna) }
            assertThrows(Refused.AccountExists::class.java) { soon { phone.addAccount(anna) } }
            assertEquals(account, scene.event<Event.AccountAdded>().account)
            assertTrue("hunter2" in scene.platform.secrets.values)
            val commands =
                listOf<(ULong) -> Unit>(
                    { phone.answer(it) },
                    { phone.decline(it, busy = true) },
                    phone::hangUp,
                    phone::hold,
                    phone::resume,
                    { phone.mute(it, true) },
                    { phone.digit(it, "1") },
                    { phone.transfer(it, "cleo@example.org") },
                    { phone.transferTo(it, 8uL) },
                    phone::followTransfer,
                    phone::refuseTransfer,
                )
            commands.forEach { command -> assertThrows(Refused.NoSuchCall::class.java) { command(7uL) } }
            assertThrows(Refused.NotBlocked::class.java) { phone.unblock("ben@example.org") }
            assertThrows(Refused.NotAllowed::class.java) { phone.disallow("ben@example.org") }
            phone.block("ben@example.org")
            phone.allow("cleo@example.org")
            phone.setDoNotDisturb(true)
            phone.setLowData(true)
            scene.untilStatus { it.lowData }
            phone.setRejectAnonymous(true)
            SystemCall.entries.forEach { phone.systemCall(it) }
            phone.routeChanged()
            assertTrue(scene.untilStatus { it.doNotDisturb && it.rejectAnonymous }.accounts.isNotEmpty())
            assertThrows(Refused.Length::class.java) { soon { phone.sendMessage("ben@example.org", "") } }
            val text = soon { phone.sendMessage("not an address", "hello") }
            assertEquals(MessageTrouble.BadAddress, scene.event<Event.MessageFailed> { it.message == text }.trouble)
            val call = phone.dial("not an address")
            assertEquals(EndReason.BadAddress, scene.event<Event.DialRefused> { it.call == call }.reason)
            phone.removeAccount(account)
            scene.event<Event.AccountRemoved>()
            assertTrue("hunter2" !in scene.platform.secrets.values)
        }

    @Test
    fun `streams begin at once and end by themselves, by their reader, or with the phone`() =
        Scene().use { scene ->
            val (status, calls, people) = Triple(scene.phone.status(), scene.phone.calls(), scene.phone.people())
            soon {
                assertEquals(listOf<Account>(), status.next()?.accounts)
                assertEquals(listOf<Call>(), calls.next())
                assertEquals(0uL, people.next())
                coroutineScope {
                    val waiting = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { calls.next() }
                    calls.end()
                    assertNull(waiting.await())
                    assertNull(calls.next())
                }
                coroutineScope {
                    val (state, moment) = async { status.next() } to async { scene.phone.nextEvent() }
                    scene.phone.shutdown()
                    assertNull(state.await())
                    assertNull(moment.await())
                    assertNull(people.next())
                }
            }
            assertThrows(Refused.ShuttingDown::class.java) { soon { scene.phone.addAccount(anna) } }
            Unit
        }

    @Test
    fun `a wait that is cancelled loses nothing, and there is one consumer of moments`() =
        Scene().use { scene ->
            val status = scene.phone.status()
            soon {
                coroutineScope {
                    status.next()
                    val state = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { status.next() }
                    val moment = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { scene.phone.nextEvent() }
                    assertTrue(runCatching { scene.phone.nextEvent() }.exceptionOrNull() is Refused.AnotherListens)
                    state.cancelAndJoin()
                    moment.cancelAndJoin()
                }
                scene.phone.addAccount(anna)
                assertEquals(1, status.next()?.accounts?.size)
            }
            scene.event<Event.AccountAdded>()
            Unit
        }

    @Test
    fun `ten thousand moments that nobody fetches take no memory and become one that says how many are gone`() =
        Scene().use { scene ->
            soon { scene.phone.addAccount(anna) }
            scene.event<Event.AccountAdded>()
            repeat(1_000) { dialNobody(scene.phone) }
            val before = used()
            val last = List(9_000) { dialNobody(scene.phone) }.last()
            // What was lent for each call is given back bit by bit; the list of what was dialled is 300 kB.
            val end = System.nanoTime() + FOREVER_MS * 1_000_000
            while (used() - before > 4_000_000) {
                check(System.nanoTime() < end) { "${used() - before} octets more" }
                Thread.sleep(100)
            }
            // All are refused once the last is; what is told of it is the last that is told.
            var (dropped, told) = 0uL to 0uL
            soon {
                while (true) {
                    when (val event = scene.phone.nextEvent()) {
                        is Event.Overflow -> dropped += event.dropped
                        is Event.DialRefused -> told++.also { if (event.call == last) return@soon }
                        else -> Unit
                    }
                }
            }
            assertTrue("$dropped dropped, $told told", dropped + told >= 10_000uL && told < 10_000uL)
        }

    /** What the heap holds, without what nobody holds on to. */
    private fun used(): Long {
        System.gc()
        return Runtime.getRuntime().run { totalMemory() - freeMemory() }
    }

    @Test
    fun `a platform that throws or hangs fails what needs it and nothing else`() =
        Scene().use { scene ->
            scene.platform.instead = { throw PlatformException.Locked() }
            soon { scene.phone.addAccount(anna) }
            assertEquals(Trouble.PLATFORM, scene.event<Event.AccountFailed>().trouble)
            scene.platform.hang()
            soon { scene.phone.addAccount(anna.copy(address = "ben@example.org")) }
            scene.phone.setDoNotDisturb(true)
            scene.untilStatus { it.doNotDisturb }
            assertEquals(Trouble.PLATFORM, scene.event<Event.AccountFailed>().trouble)
        }

    @Test
    fun `networks and power are told by the app`() =
        Scene().use { scene ->
            val networks = listOf(NetworkAddress("wlan0", "192.0.2.7"))
            scene.phone.setConditions(Conditions(networks, metered = true))
            assertEquals(networks, scene.untilStatus { it.conditions.metered }.conditions.networks)
        }
}
