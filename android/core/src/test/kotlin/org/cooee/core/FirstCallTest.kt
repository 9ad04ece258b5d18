package org.cooee.core

import org.cooee.stage.FOREVER_MS
import org.cooee.stage.Server
import org.cooee.stage.Speech
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.time.Duration

/** A whole call from Kotlin, on the real core and a real server, with the phone of the command line. */
class FirstCallTest {
    private val anna = Speech.fixture("anna.wav")
    private val ben = Speech.fixture("ben.wav")

    @Test
    fun `signs in, calls, is heard, hears, hangs up`() =
        stage { server, folder ->
            val (hears, heard) = File(folder.path, "anna-hears.wav") to File(folder.path, "ben-hears.wav")
            Scene(server.root, audio = Audio.Files(anna.path, hears.path)).use { scene ->
                server.cliPhone("ben", "--speak", ben.path, "--record", heard.path).use { cli ->
                    val account = scene.signIn(server.account("anna"))
                    val call = scene.phone.dial("ben@cooee.test", account)
                    cli.untilState("ringing")
                    cli.obey("answer")
                    val active = scene.untilCalls { calls -> calls.any { it.state == CallState.ACTIVE } }.single()
                    assertEquals(MediaSecurity.END_TO_END, active.security)
                    assertTrue(CallAction.HOLD in active.allowed && CallAction.ANSWER !in active.allowed)
                    compareKeys(scene)
                    untilRecorded(hears, ben)
                    untilRecorded(heard, anna)
                    scene.phone.hangUp(call)
                    val ended = scene.event<Event.CallEnded> { it.call == call }
                    assertEquals(EndReason.HungUp(Side.US), ended.reason)
                    assertToldOf(scene, scene.event<Event.CallLogged> { it.call == call }.number)
                    cli.until("the end") { it.optString("reason") == "hung-up.peer" }
                    cli.obey("quit")
                    assertEquals(0, cli.end())
                }
            }
            assertHeard(anna, heard)
            assertHeard(ben, hears)
        }

    @Test
    fun `is called and answers, and the other side hangs up`() =
        stage { server, _ ->
            Scene(server.root).use { scene ->
                server.cliPhone("ben", "--speak", ben.path).use { cli ->
                    scene.signIn(server.account("anna"))
                    cli.dial("anna@cooee.test")
                    val incoming = scene.event<Event.IncomingCall>()
                    assertEquals("sip:ben@cooee.test", incoming.from.address)
                    val ringing = scene.untilCalls { it.isNotEmpty() }.single()
                    assertEquals(listOf(CallAction.ANSWER, CallAction.DECLINE), ringing.allowed.take(2))
                    scene.phone.answer(incoming.call)
                    scene.untilCalls { calls -> calls.any { it.state == CallState.ACTIVE } }
                    cli.untilState("active")
                    cli.obey("hang_up")
                    assertEquals(EndReason.HungUp(Side.PEER), scene.event<Event.CallEnded>().reason)
                    scene.untilCalls { it.isEmpty() }
                }
            }
        }

    @Test
    fun `calls itself and rings, when the server has waited`() =
        stage { server, _ ->
            Scene(server.root).use { scene ->
                val account = scene.signIn(server.account("anna"))
                scene.phone.testRinging(Duration.ofSeconds(1), account)
                val incoming = scene.event<Event.IncomingCall>()
                assertTrue(scene.untilCalls { it.isNotEmpty() }.single().isTest)
                val test = scene.event<Event.RingTested>().test
                assertEquals(RingProof.LATER to Duration.ofSeconds(1), test.proof to test.waited)
                assertEquals(incoming.call, test.call)
                assertTrue(test.steps.any { it.fact is Fact.Returned })
            }
        }

    @Test
    fun `a wrong password is said as such, and a certificate of nobody is not believed`() =
        stage { server, _ ->
            Scene(server.root).use { scene ->
                val anna = soon { scene.phone.addAccount(server.account("anna", password = "wrong")) }
                assertEquals(EndReason.Login(LoginTrouble.WrongPassword), scene.failed().reason)
                soon { scene.phone.changePassword(anna, "wrong again") }
                assertEquals(anna, soon { scene.phone.signIn(server.account("anna")) })
                scene.untilStatus { status -> status.accounts.any { it.state is AccountState.Registered } }
            }
            Scene().use { scene ->
                val account = soon { scene.phone.addAccount(server.account("anna")) }
                val untrusted = (scene.failed().reason as EndReason.Untrusted).trouble as TlsTrouble.UnknownAuthority
                // The person compares it with the server's owner, and it is the same.
                soon { scene.phone.trustAuthority(account, checkNotNull(untrusted.shown)) }
                scene.untilStatus { status -> status.accounts.any { it.state is AccountState.Registered } }
            }
        }

    /** While they speak: from then on the call is verified. */
    private fun compareKeys(scene: Scene) {
        val ben = "ben@cooee.test"
        soon {
            val key = checkNotNull(scene.phone.mediaKey(ben))
            assertEquals(12 to KeyTrust.UNKNOWN, key.words.size to key.trust)
            val (ours, theirs) = key.code.removePrefix("COOEE1:").split(':')
            assertEquals(CodeMatch.DIFFERENT, scene.phone.compareCode(ben, key.code))
            assertEquals(CodeMatch.SAME, scene.phone.compareCode(ben, "COOEE1:$theirs:$ours"))
            scene.phone.wordsMatch(ben, key.code)
        }
        scene.untilCalls { calls -> calls.any { it.security == MediaSecurity.VERIFIED && it.key == KeyTrust.VERIFIED } }
    }

    private fun assertToldOf(
        scene: Scene,
        number: ULong,
    ) = soon {
        val line = scene.phone.log(null, 1u).calls.single()
        assertEquals(number to MediaSecurity.VERIFIED, line.number to line.security)
        assertEquals("sip:ben@cooee.test", line.route.single().address)
        val story = scene.phone.story(number)
        assertTrue(story.steps.any { it.fact is Fact.BothWays } && story.steps.any { it.fact is Fact.KeyVerified })
        assertEquals(Advice.NOTHING, story.verdict?.advice)
        assertTrue("cooee.test" !in scene.phone.report(number))
        assertEquals(1u, scene.phone.forgetCalls(number))
    }

    private fun Scene.failed(): AccountTrouble {
        val status = untilStatus { status -> status.accounts.any { it.state is AccountState.Failed } }
        return (status.accounts.single().state as AccountState.Failed).trouble
    }

    private fun stage(play: (Server, Folder) -> Unit) = Folder().use { folder -> Server(folder.path).use { play(it, folder) } }

    /** Until more is recorded than it takes to say all of [spoken]. */
    private fun untilRecorded(
        recording: File,
        spoken: File,
    ) {
        val wanted = Speech.read(spoken).seconds + 1
        val end = System.nanoTime() + FOREVER_MS * 1_000_000
        while (Speech.read(recording).seconds < wanted) {
            check(System.nanoTime() < end) { "${recording.name} has less than $wanted s" }
            Thread.sleep(500)
        }
    }

    private fun assertHeard(
        spoken: File,
        recording: File,
    ) {
        val likeness = Speech.read(spoken).likenessIn(Speech.read(recording))
        assertTrue("${spoken.name} in ${recording.name}: $likeness", likeness > 0.7)
    }
}
