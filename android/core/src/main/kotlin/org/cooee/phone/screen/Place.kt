package org.cooee.phone.screen

import org.cooee.model.Past
import org.cooee.model.Person
import java.io.Serializable

/** Where in the app somebody is; survives the end of the process. */
sealed interface Place : Serializable {
    data object People : Place

    data object Recents : Place

    data object Settings : Place

    data object SignIn : Place

    /** To an account that is there and does not work. */
    data class SignInAgain(val address: String) : Place

    data object MyAddress : Place

    data object Requests : Place

    /** The page of somebody, in the contacts or not. */
    data class Contact(
        val address: String,
        val name: String?,
        /** In the phone's contacts; none if not there. */
        val id: Long? = null,
    ) : Place {
        constructor(person: Person) : this(person.address, person.name)
    }

    data class Story(val past: Long) : Place

    data class Safety(
        val address: String,
        val name: String?,
    ) : Place

    companion object {
        /** Where the tabs lead. */
        val TABS = listOf(People, Recents, Settings)

        /** What was: the story of a call; of a message, whom it is with. */
        fun of(past: Past): Place = if (past.text == null) Story(past.number) else Contact(past.peer)
    }
}
