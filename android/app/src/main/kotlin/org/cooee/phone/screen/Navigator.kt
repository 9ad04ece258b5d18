package org.cooee.phone.screen

/** What a screen can ask of the activity around it. */
interface Navigator {
    fun go(place: Place)

    fun back()

    /** Shows the calls. */
    fun showCalls()

    /** Asks for permissions, which the person may deny; [then] is called when that is decided. */
    fun ask(
        vararg permissions: String,
        then: () -> Unit,
    )
}
