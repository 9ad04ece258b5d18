package org.cooee.model

/** Somebody at the other end. */
data class Person(
    /** As people write it. */
    val address: String,
    /** The name it shows; a stranger chooses it. */
    val name: String? = null,
) {
    override fun toString() = "Person"
}
