package org.cooee.phone.ring

import org.cooee.model.Call

/** What is to be heard and felt of calls, besides their sound, as they change. */
class Alerts {
    private var before = emptyList<Call>()

    /** Calls of which a knock has told, and the one that was let ring. */
    private val knocked = mutableSetOf<Long>()
    private var rung: Long? = null

    /** [mayRing]: those that the system lets ring; [isBusy]: a call of the system's own is spoken in, or rings. */
    fun follow(
        calls: List<Call>,
        mayRing: Set<Long>,
        isBusy: Boolean = false,
    ): List<Alert> {
        val first = calls.firstOrNull { it.ringsAloud && (it.id in mayRing || it.isOverdue) }
        val isTalking = calls.any { it.isAnswered }
        val waited = before.filter { !it.incoming && !it.isAnswered }.map { it.id }
        val alerts =
            listOfNotNull(
                Alert.Ended.takeIf { before.any { it.isAnswered } && !isTalking },
                Alert.Connected.takeIf { calls.any { it.id in waited && it.isAnswered } },
                // Last: what vibrates replaces what vibrated.
                ring(first, isTalking || isBusy),
            )
        before = calls
        return alerts
    }

    private fun ring(
        call: Call?,
        inCall: Boolean,
    ): Alert? {
        val rungBefore = rung
        rung = call?.id.takeIf { !inCall }
        return when {
            call == null -> Alert.Quiet
            inCall -> if (knocked.add(call.id)) Alert.Knock else Alert.Quiet
            else -> Alert.Ring(call).takeIf { call.id != rungBefore }
        }
    }
}

/** Something to be heard or felt. */
sealed interface Alert {
    /** Somebody calls. */
    data class Ring(val call: Call) : Alert

    /** Nobody calls, or no more, or it is told already. */
    data object Quiet : Alert

    /** Somebody calls during a call. */
    data object Knock : Alert

    /** Somebody answered. */
    data object Connected : Alert

    /** Nobody is spoken with any more. */
    data object Ended : Alert
}
