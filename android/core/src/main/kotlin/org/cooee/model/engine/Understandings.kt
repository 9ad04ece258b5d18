package org.cooee.model.engine

import org.cooee.core.AddressKind
import org.cooee.core.AddressReach
import org.cooee.core.Meaning
import org.cooee.core.NoAddress
import org.cooee.core.Route
import org.cooee.core.Way
import org.cooee.model.Reach
import org.cooee.model.ReachState
import org.cooee.model.Understanding
import org.cooee.core.ReachState as EngineReachState

internal fun AddressReach.toModel() = Reach(state.toModel(), checked?.toMillis())

private fun EngineReachState.toModel() =
    when (this) {
        is EngineReachState.Answered -> ReachState.ANSWERED
        EngineReachState.NoSuchUser -> ReachState.NO_SUCH_USER
        EngineReachState.PublishesCalls -> ReachState.PUBLISHES_CALLS
        EngineReachState.Refuses -> ReachState.REFUSES
        EngineReachState.NotPublished -> ReachState.NOT_PUBLISHED
        EngineReachState.Unknown -> ReachState.UNKNOWN
    }

internal fun Meaning.toModel(): Understanding =
    when (this) {
        is Meaning.Nobody -> {
            Understanding.Nobody(if (why is NoAddress.Empty) null else Wording.of(why))
        }

        is Meaning.Somebody -> {
            val best = routes.firstOrNull()
            Understanding.Somebody(
                address = address.substringAfter(':'),
                says = listOfNotNull(best?.let { Wording.of(it.obstacle ?: it.way) }) + remarks.map(Wording::of),
                callable = routes.any { it.isOurs() },
                byTelephone = kind == AddressKind.EMERGENCY_NUMBER || (best != null && best.way == Way.ORDINARY_DIALLER),
                reach = best?.reach?.toModel() ?: Reach(ReachState.UNKNOWN),
            )
        }
    }

private fun Route.isOurs() = obstacle == null && way != Way.ORDINARY_DIALLER
