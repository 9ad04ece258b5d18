package org.cooee.phone.stage

import org.cooee.model.AccountState
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Detail
import org.cooee.model.Introduction
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.ReachState
import org.cooee.model.Remedy
import org.cooee.model.Request
import org.cooee.model.Safety
import org.cooee.model.Security
import org.cooee.model.Side
import org.cooee.model.Step
import org.cooee.model.Story
import org.cooee.model.Why
import org.cooee.model.fake.FakeCore

/** A family and what happened to it: what pictures and tests are made of. */
object People {
    val BEN = Person("ben@example.org", "Ben Okafor")
    val CLEO = Person("cleo@example.net", "Cleo Marchetti")
    val GRANDMA = Person("+41 44 668 18 00", "Grandma")
    private const val TUESDAY = 1_764_684_120_000L
    private const val HOUR = 3_600_000L

    fun contacts() =
        FakeContacts.of(
            FakeContact(1, "Ben Okafor", listOf("ben@example.org", "+41 79 123 45 67"), starred = true),
            FakeContact(2, "Grandma", listOf("+41 44 668 18 00"), starred = true),
            FakeContact(3, "Cleo Marchetti", listOf("cleo@example.net")),
            FakeContact(4, "David Lindqvist-Featherstonehaugh", listOf("david.lindqvist@university.example.edu")),
            FakeContact(5, "Elif Yılmaz", listOf("elif@example.com")),
            FakeContact(6, "Fatima Zahra", listOf("fatima@example.org")),
            FakeContact(7, "Giorgio", emptyList()),
        )

    fun furnish(core: FakeCore) {
        core.past = past()
        core.stories = mapOf(4L to story(), 3L to story())
        core.reached =
            mapOf(
                "ben@example.org" to ReachState.ANSWERED,
                "cleo@example.net" to ReachState.PUBLISHES_CALLS,
                "+41 44 668 18 00" to ReachState.NUMBER_ONLY,
                "elif@example.com" to ReachState.REFUSES,
                "david.lindqvist@university.example.edu" to ReachState.PUBLISHES_CALLS,
            )
        core.requests =
            listOf(
                Request(
                    Person("reception@clinic.example", "Clinic reception"),
                    Introduction("clinic.example", "About your appointment on Friday"),
                    TUESDAY,
                ),
                Request(Person("unknown@example.biz"), Introduction("example.biz"), TUESDAY - 30 * HOUR, 3),
            )
        core.blocked = listOf("spam.example")
        core.allowed = listOf("school.example")
        core.safety =
            Safety(
                "anchor basket cobalt donkey ember fabric galaxy harbor island jacket kettle lantern".split(' '),
                "COOEE1:6B1F9A03C7D25E8840F1A2B3C4D5E6F70819",
                verified = false,
            )
    }

    private fun past() =
        listOf(
            Past(4, TUESDAY, false, CLEO, why = Why(Phrase("end_unavailable"), Side.THEIR_SERVER)),
            Past(3, TUESDAY - 2 * HOUR, true, GRANDMA, missed = true, times = 2, why = Why(Phrase("end_cancelled_peer"))),
            Past(2, TUESDAY - 20 * HOUR, true, BEN, why = Why(Phrase("end_hung_up_peer")), seconds = 754),
            Past(1, TUESDAY - 26 * HOUR, true, BEN, text = "Train is late, call me at eight?"),
        )

    private fun story() =
        Story(
            past()[0],
            rang = false,
            verdict = Why(Phrase("end_unavailable"), Side.THEIR_SERVER, Phrase("advice_call_later")),
            remedy = Remedy.CALL_AGAIN,
            steps =
                listOf(
                    Step(0, Side.YOURS, Phrase("fact_dialled", "cleo@example.net")),
                    Step(12, Side.YOURS, Phrase("fact_gathered", 2, 1, 0)),
                    Step(15, Side.YOURS, Phrase("fact_invited")),
                    Step(48, Side.YOUR_SERVER, Phrase("fact_server_took")),
                    Step(320, Side.THEIR_SERVER, Phrase("end_unavailable")),
                ),
        )

    /** An answered call as it usually is. */
    fun spoken(call: Call) =
        call.copy(
            state = CallState.ACTIVE,
            allowed = FakeCore.IN_CALL,
            answeredAt = System.currentTimeMillis() - 83_000,
            security = Security.END_TO_END,
            rate = 8_400,
            details =
                listOf(
                    Detail(Detail.Kind.CODEC, "opus"),
                    Detail(Detail.Kind.CIPHER, "SRTP_AEAD_AES_256_GCM"),
                    Detail(Detail.Kind.LOSS, "0 %"),
                ),
        )

    /** Nobody can call from here: why. */
    val WRONG_PASSWORD =
        AccountState.Failed(Why(Phrase("login_trouble_wrong_password"), Side.YOURS), wrongPassword = true)
}
