package org.cooee.phone.ring

import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Person
import org.junit.Assert.assertEquals
import org.junit.Test

/** What is heard and felt of calls. */
class AlertsTest {
    private val alerts = Alerts()

    private fun incoming(id: Long) = Call(id, 1, incoming = true, Person("ben@example.org"), CallState.RINGING, emptySet())

    private fun Call.answered() = copy(state = CallState.ACTIVE, answeredAt = 1)

    private fun heard(
        vararg calls: Call,
        mayRing: Set<Long> = setOf(1, 2),
        isBusy: Boolean = false,
    ) = alerts.follow(calls.toList(), mayRing, isBusy)

    @Test
    fun `a call rings once the system lets it, or is waited for no longer, and once`() {
        assertEquals(listOf(Alert.Quiet), heard(incoming(1), mayRing = emptySet()))
        val overdue = incoming(1).copy(isOverdue = true)
        assertEquals(listOf(Alert.Ring(overdue)), heard(overdue, mayRing = emptySet()))
        assertEquals(emptyList<Alert>(), heard(incoming(1)))
        assertEquals(listOf(Alert.Quiet), heard())
    }

    @Test
    fun `a stranger who only asks is not heard`() {
        assertEquals(listOf(Alert.Quiet), heard(incoming(1).copy(introduction = Introduction(), isOverdue = true)))
    }

    @Test
    fun `a call during another knocks once, and rings once that is over`() {
        assertEquals(listOf(Alert.Ring(incoming(1))), heard(incoming(1)))
        assertEquals(listOf(Alert.Knock), heard(incoming(1).answered(), incoming(2)))
        assertEquals(listOf(Alert.Quiet), heard(incoming(1).answered().copy(rate = 1), incoming(2)))
        assertEquals(listOf(Alert.Ended, Alert.Ring(incoming(2))), heard(incoming(2)))
    }

    @Test
    fun `what rings gives way to a call of the mobile network, and rings again after it`() {
        assertEquals(listOf(Alert.Ring(incoming(1))), heard(incoming(1)))
        assertEquals(listOf(Alert.Knock), heard(incoming(1), isBusy = true))
        assertEquals(listOf(Alert.Ring(incoming(1))), heard(incoming(1)))
        assertEquals("told already", listOf(Alert.Quiet), heard(incoming(1), isBusy = true))
    }

    @Test
    fun `it is felt that the other side answered, not that another call is dialled meanwhile`() {
        val first = incoming(1).copy(incoming = false, state = CallState.DIALING)
        heard(first)
        assertEquals(listOf(Alert.Connected, Alert.Quiet), heard(first.answered()))
        assertEquals(listOf(Alert.Quiet), heard(first.answered(), first.copy(id = 2)))
        assertEquals(listOf(Alert.Quiet), heard(first.answered().copy(rate = 1), first.copy(id = 2)))
        assertEquals(listOf(Alert.Ended, Alert.Quiet), heard())
    }
}
