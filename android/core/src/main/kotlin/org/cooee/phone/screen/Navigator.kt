package org.cooee.phone.screen

/** What a screen can ask of the activity around it. */
interface Navigator {
    fun go(place: Place)

    fun back()

    /** The lock screen is in front: whoever holds the phone need not be its owner. */
    val isLocked: Boolean

    /** Does what only the owner may: at once, or when the lock screen has been opened, which is asked for. */
    fun unlocked(act: () -> Unit)

    /** Shows the calls. */
    fun showCalls()

    /** Lets the person choose what rings. */
    fun pickRingtone()

    /** Asks for a permission, which the person may deny; [then] is granted when that is decided, and what depends on it is told. */
    fun ask(
        permission: String,
        then: Wish? = null,
    )

    /** The same, touched for: where the system does not ask any more, it opens its page of the app. */
    fun mend(permission: String)

    /** Asks to show notifications: from Android 13 on, a call could ring without showing anything to answer it with. */
    fun askToNotify()
}
