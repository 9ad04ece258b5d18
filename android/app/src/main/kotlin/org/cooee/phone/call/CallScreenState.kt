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
    /** It speaks in the owner's name, or decides for later. All else anybody may do who holds the phone: answer, hang up, be silent. */
    val isOwners: Boolean
        get() =
            when (this) {
                is Transfer, is Write, Join, Follow, Speak, Allow, Block, Again -> true
                else -> false
            }

    /** Of a certain call: what was asked meanwhile of another, or comes after its end, is not meant. */
    data class Of(
        val call: Long,
        val event: CallEvent,
    ) : CallEvent

    data object Answer : CallEvent

    data object EndAndAnswer : CallEvent

    data object Decline : CallEvent

    data object HangUp : CallEvent

    data object Mute : CallEvent

    data object Hold : CallEvent

    data object Swap : CallEvent

    data object Keypad : CallEvent

    data class Key(val sign: Char) : CallEvent

    data class To(val route: Route) : CallEvent

    /** Lets the other side hear, too. */
    data object Speak : CallEvent

    data object Add : CallEvent

    data class Transfer(val target: String) : CallEvent

    /** Joins the two others. */
    data object Join : CallEvent

    data object Follow : CallEvent

    data object Refuse : CallEvent

    /** Lets the stranger ring, or takes nothing of them. */
    data object Allow : CallEvent

    data object Block : CallEvent

    /** Writes in place of answering: one of the texts that are there. */
    data class Reply(val text: String) : CallEvent

    /** The same, as it was typed. */
    data class Write(val text: String) : CallEvent

    data object Again : CallEvent

    data object Why : CallEvent

    data object Close : CallEvent
}
