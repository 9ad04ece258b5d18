package org.cooee.phone.screen

import java.io.Serializable

/** What a person wants to do once the microphone has been asked for; survives the end of the process. */
sealed interface Wish : Serializable {
    data class Dial(val target: String) : Wish

    data class Answer(
        val call: Long,
        val endingOthers: Boolean = false,
    ) : Wish
}
