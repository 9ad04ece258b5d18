package org.cooee.phone.people

import org.cooee.model.ReachState
import org.cooee.phone.R

/** The icon beside the word for how somebody is reached. */
object Badge {
    fun of(reach: ReachState) =
        when (reach) {
            ReachState.ANSWERED -> R.drawable.badge_answered
            ReachState.PUBLISHES_CALLS -> R.drawable.badge_internet
            ReachState.NUMBER_ONLY -> R.drawable.badge_number
            ReachState.REFUSES, ReachState.NO_SUCH_USER -> R.drawable.badge_block
            ReachState.NOT_PUBLISHED, ReachState.UNKNOWN -> R.drawable.badge_question
        }
}
