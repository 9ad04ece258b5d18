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
                Alert.ENDED.takeIf { before.any { it.isAnswered } && !isTalking },
                Alert.CONNECTED.takeIf { calls.any { it.id in waited && it.isAnswered } },
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
            call == null -> Alert.QUIET
            inCall -> Alert.KNOCK.takeIf { knocked.add(call.id) }
            else -> Alert.RING.takeIf { call.id != rungBefore }
        }
    }
}

/** Something to be heard or felt. */
enum class Alert {
    /** Somebody calls. */
    RING,

    /** Nobody calls, or no more. */
    QUIET,

    /** Somebody calls during a call. */
    KNOCK,

    /** Somebody answered. */
    CONNECTED,

    /** Nobody is spoken with any more. */
    ENDED,
}
