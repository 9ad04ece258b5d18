package org.cooee.core

import org.cooee.stage.Server
import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File

/** The system ends the process in the middle of a call. */
class KilledTest {
    @Test
    fun `killed in a call and started again, the log says why it ended, and the account still signs in`() =
        Folder().use { stage ->
            val folder = File(stage.path, "phone").apply { mkdirs() }
            Server(stage.path).use { server ->
                server.cliPhone("ben").use { ben ->
                    val secrets =
                        ForkedPhone(folder, server).use { phone ->
                            ben.untilState("ringing")
                            ben.obey("answer")
                            phone.untilActive()
                        }
                    again(folder, server, secrets)
                }
            }
        }

    private fun again(
        folder: File,
        server: Server,
        secrets: Map<String, String>,
    ) {
        val platform = TestPlatform(server.root).apply { this.secrets += secrets }
        soon { Phone.start(Config(folder.path, audio = Audio.Null, loopback = true), platform) }.use { phone ->
            soon {
                val line = phone.log(null, 10u).calls.single()
                assertEquals(EndReason.CutOff, line.reason)
                assertEquals("sip:ben@cooee.test" to CallDirection.OUTGOING, line.peer.address to line.direction)
                val story = phone.story(line.number)
                assertEquals(Fact.Ended(EndReason.CutOff) to Advice.CALL_AGAIN, story.verdict?.fact to story.verdict?.advice)
            }
            phone.untilStatus { status -> status.accounts.any { it.state is AccountState.Registered } }
            soon { phone.shutdown() }
        }
    }
}
