package org.cooee.model

/** Somebody at the other end. */
data class Person(
    /** As people write it. */
    val address: String,
    /** The name it shows; a stranger chooses it. */
    val name: String? = null,
) {
    /** It says only that it does not want to be known (RFC 3323): nobody is called by that. */
    val isWithheld get() = address.endsWith("@anonymous.invalid", ignoreCase = true)

    override fun toString() = "Person"
}
