package org.cooee.phone.contact

import org.cooee.model.Person
import org.cooee.model.Safety

/** What two people compare; [read]: whether it is known yet that there is something to compare. */
data class SafetyState(
    val person: Person,
    val safety: Safety? = null,
    val read: Boolean = false,
    /** Their screen shows another key than the one we have of them. */
    val differs: Boolean = false,
    val scanning: Scanning = Scanning.NO,
)

/** Whether a camera looks for their code, or the person is asked to let it. */
enum class Scanning { NO, ASKING, LOOKING }

/** What can happen on the screen. */
sealed interface SafetyEvent {
    /** [SETTLED]: the person has decided on the camera. */
    enum class Touch : SafetyEvent { SAME, SCAN, SETTLED, FORGET, BACK }

    /** The camera has read this, or there is nothing to read any more. */
    data class Scanned(val code: String?) : SafetyEvent
}
