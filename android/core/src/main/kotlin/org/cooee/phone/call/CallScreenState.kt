package org.cooee.phone.call

import org.cooee.model.Call
import org.cooee.model.Moment
import org.cooee.phone.contacts.Contact
import org.cooee.phone.telecom.Route
import org.cooee.phone.telecom.Routes

/** The call in front, the one behind it, or how the last one ended. */
data class CallScreenState(
    val call: Call? = null,
    val other: Call? = null,
    /** How the last call ended, once there is none. */
    val ended: Moment.Ended? = null,
    /** The address that is called from or at. */
    val account: String? = null,
    /** Whom the phone's contacts have with this address. */
    val contact: Contact? = null,
    val keypad: Boolean = false,
    val routes: Routes = Routes(),
    /** The microphone is not allowed: one can listen. */
    val listenOnly: Boolean = false,
) {
    /** Who is in front, or was last. */
    val peer get() = call?.peer ?: ended?.peer
}

/** What can happen on the screen. */
sealed interface CallEvent {
    /** What anybody may do who holds the phone. */
    enum class Touch : CallEvent { ANSWER, END_AND_ANSWER, DECLINE, HANG_UP, MUTE, HOLD, SWAP, KEYPAD, ADD, REFUSE, WHY, CLOSE }

    /** What speaks in the owner's name, or decides for later. */
    enum class OwnersTouch : CallEvent { JOIN, FOLLOW, SPEAK, ALLOW, BLOCK, AGAIN }

    val isOwners get() = this is OwnersTouch || this is Transfer || this is Write

    /** Of a certain call: what was asked meanwhile of another, or comes after its end, is not meant. */
    data class Of(
        val call: Long,
        val event: CallEvent,
    ) : CallEvent

    data class Key(val sign: Char) : CallEvent

    data class To(val route: Route) : CallEvent

    data class Transfer(val target: String) : CallEvent

    /** Writes in place of answering: one of the texts that are there. */
    data class Reply(val text: String) : CallEvent

    /** The same, as it was typed. */
    data class Write(val text: String) : CallEvent
}
