package org.cooee.phone.telecom

import kotlinx.coroutines.flow.StateFlow
import org.cooee.model.Call

/** What the system knows of our calls, and where their sound goes. One owner of both: Telecom, or we ourselves. */
interface SystemCalls {
    /** Where the sound goes, and could go. */
    val routes: StateFlow<Routes>

    /** The incoming calls that the system lets ring. */
    val mayRing: StateFlow<Set<Long>>

    /** The calls that are not over, at each change. */
    fun show(calls: List<Call>)

    /** Lets the sound go another way. */
    fun go(route: Route)
}

/** A way of the sound. */
enum class Route { EARPIECE, SPEAKER, WIRED, BLUETOOTH }

/** The ways of the sound. */
data class Routes(
    val current: Route = Route.EARPIECE,
    val available: List<Route> = listOf(Route.EARPIECE, Route.SPEAKER),
)
