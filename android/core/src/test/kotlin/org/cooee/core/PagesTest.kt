package org.cooee.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

/** What is asked for page by page, and the settings. */
class PagesTest {
    @Test
    fun `what is typed is understood, and an answer names its question`() =
        Scene().use { scene ->
            val understood = soon { scene.phone.understand("Ben <ben@example.org>", 7uL) }
            assertEquals(7uL, understood.seq)
            val somebody = understood.meaning as Meaning.Somebody
            assertEquals("ben@example.org" to "Ben", somebody.address to somebody.name)
            assertEquals(Obstacle.NO_ACCOUNT, somebody.routes.first().obstacle)
            val nobody = soon { scene.phone.understand("https://example.org", 8uL) }.meaning as Meaning.Nobody
            assertEquals(NoAddress.Scheme("https"), nobody.why)
        }

    @Test
    fun `people are known by pages, chosen for, asked about and forgotten`() =
        Scene().use { scene ->
            val phone = scene.phone
            soon {
                val known = phone.reach(listOf("ben@gmail.com", "no address at all"))
                assertEquals(listOf(ReachState.NotPublished, ReachState.Unknown), known.map { it.state })
                assertTrue(runCatching { phone.reach(List(101) { "ben@example.org" }) }.exceptionOrNull() is Refused.Length)
                val account = phone.addAccount(NewAccount("anna@example.org", Credentials.Password("hunter2")))
                phone.choose("ben@example.org", account)
                assertTrue(phone.forgetChoice("ben@example.org"))
                assertFalse(phone.forgetChoice("ben@example.org"))
            }
            phone.setContacts(listOf("ben@example.org"))
            phone.probe()
            scene.event<Event.Probed>()
            phone.stopProbing()
            soon { phone.wipeContacts() }
        }

    @Test
    fun `an empty history has pages too, and a page has a bound`() =
        Scene().use { scene ->
            val phone = scene.phone
            soon {
                assertEquals(LogPage(listOf(), 0u), phone.log(null, 100u))
                assertEquals(LogPage(listOf(), 0u), phone.missed(null, 100u))
                assertEquals(TextPage(listOf(), 0u), phone.texts(null, 100u))
                val ben = listOf("ben@example.org", "+41 44 668 18 00")
                assertEquals(LogPage(listOf(), 0u), phone.logWith(ben, null, 100u))
                assertEquals(TextPage(listOf(), 0u), phone.textsWith(ben, null, 100u))
                phone.seeCalls(7uL)
                phone.seeTexts(7uL)
                assertEquals(listOf(0u, 0u), listOf(phone.forgetCalls(null), phone.forgetTexts(null)))
                assertNull(phone.mediaKey("ben@example.org"))
                assertFalse(phone.forgetVerified("ben@example.org"))
            }
            val refused = { type: Class<out Refused>, ask: suspend () -> Any -> assertThrows(type) { soon { ask() } } }
            refused(Refused.Length::class.java) { phone.log(null, 101u) }
            refused(Refused.Length::class.java) { phone.missed(5uL, 101u) }
            refused(Refused.Length::class.java) { phone.texts(null, 101u) }
            refused(Refused.NoSuchCall::class.java) { phone.story(7uL) }
            refused(Refused.NoSuchCall::class.java) { phone.report(7uL) }
            refused(Refused.NoSuchAccount::class.java) { phone.accountStory(7uL) }
            refused(Refused.NoSuchAccount::class.java) { phone.accountReport(7uL) }
            refused(Refused.NoSuchKey::class.java) { phone.wordsMatch("ben@example.org", "COOEE1:") }
            refused(Refused.NoSuchKey::class.java) { phone.compareCode("ben@example.org", "COOEE1:") }
            Unit
        }

    @Test
    fun `who is not known asks, and is let through or not`() =
        Scene().use { scene ->
            val phone = scene.phone
            assertEquals(listOf<CallRequest>(), soon { phone.requests() })
            phone.acceptRequest("ben@example.org")
            phone.refuseRequest("spam.example")
            assertEquals(listOf("ben@example.org"), phone.allowed(0u, 100u))
            assertEquals(Standing(null, Rule(RuleScope.ADDRESS, "ben@example.org")), phone.standing("sip:ben@EXAMPLE.org"))
            assertEquals(listOf(Blocked("spam.example", 0u)), soon { phone.blocked(0u, 100u) })
            phone.setWhoRings(WhoRings.KNOWN)
            scene.untilStatus { it.whoRings == WhoRings.KNOWN }
            Unit
        }

    @Test
    fun `who may ring and how numbers are read is listed and changed`() =
        Scene().use { scene ->
            val phone = scene.phone
            phone.block("ben@example.org")
            phone.allow("example.org")
            assertEquals(listOf(Blocked("ben@example.org", 0u)), soon { phone.blocked(0u, 100u) })
            assertEquals(listOf("example.org"), phone.allowed(0u, 100u))
            assertThrows(Refused.Length::class.java) { phone.allowed(0u, 101u) }
            val swiss = phone.numbering().copy(region = "CH")
            phone.setNumbering(swiss)
            assertEquals(swiss, phone.numbering())
            assertThrows(Refused.BadRegion::class.java) { phone.setNumbering(swiss.copy(region = "Atlantis")) }
            assertThrows(Refused.BadDomain::class.java) { phone.setNumbering(swiss.copy(suffixes = listOf("two words"))) }
            Unit
        }
}
