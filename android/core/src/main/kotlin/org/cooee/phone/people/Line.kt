package org.cooee.phone.people

import org.cooee.model.Reach

/** An address and what is known of it. */
data class Line(
    val address: String,
    val reach: Reach,
)
