package org.cooee.phone.contact

import org.cooee.model.Person
import org.cooee.model.Safety

/** What two people compare; [read]: whether it is known yet that there is something to compare. */
data class SafetyState(
    val person: Person,
    val safety: Safety? = null,
    val read: Boolean = false,
)

/** What can happen on the screen. */
enum class SafetyEvent { SAME, FORGET, BACK }
