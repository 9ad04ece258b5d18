package org.cooee.phone.telecom

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Person
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test

/** Who has the calls, as the person chooses. */
class ChosenCallsTest {
    private class Owner : SystemCalls {
        override val routes = MutableStateFlow(Routes())
        override val mayRing = MutableStateFlow(emptySet<Long>())
        var shown = emptyList<Call>()

        override fun show(calls: List<Call>) {
            shown = calls
        }

        override fun go(route: Route) {
            routes.value = Routes(route)
        }
    }

    private val job = Job()
    private val system = Owner()
    private val plain = Owner()
    private var isPlain = false
    private val chosen = ChosenCalls(CoroutineScope(Dispatchers.Unconfined + job)) { if (isPlain) plain else system }
    private val call = Call(1, 1, incoming = true, Person("ben@example.org"), CallState.RINGING, emptySet())

    @After
    fun end() = job.cancel()

    @Test
    fun `another owner is chosen with the next call, never in the middle of one`() {
        chosen.show(listOf(call))
        isPlain = true
        chosen.show(listOf(call, call.copy(id = 2)))
        assertEquals(listOf(1L, 2L), system.shown.map { it.id })
        chosen.show(emptyList())
        assertEquals("it is over there", emptyList<Call>(), system.shown)
        chosen.show(listOf(call))
        assertEquals(listOf(call), plain.shown)
        assertEquals(emptyList<Call>(), system.shown)
    }

    @Test
    fun `the sound's ways, and who may ring, are those of who has the calls`() {
        chosen.show(listOf(call))
        chosen.go(Route.SPEAKER)
        system.mayRing.value = setOf(1)
        assertEquals(Route.SPEAKER, chosen.routes.value.current)
        assertEquals(setOf(1L), chosen.mayRing.value)
        chosen.show(emptyList())
        isPlain = true
        chosen.show(listOf(call))
        assertEquals(Route.EARPIECE, chosen.routes.value.current)
        assertEquals(emptySet<Long>(), chosen.mayRing.value)
    }
}
