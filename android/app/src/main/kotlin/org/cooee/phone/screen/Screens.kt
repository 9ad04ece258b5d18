package org.cooee.phone.screen

import android.content.Context
import kotlinx.coroutines.CoroutineScope
import org.cooee.phone.Phone
import org.cooee.phone.contact.ContactModel
import org.cooee.phone.contact.ContactScreen
import org.cooee.phone.contact.MyAddressModel
import org.cooee.phone.contact.MyAddressScreen
import org.cooee.phone.contact.SafetyModel
import org.cooee.phone.contact.SafetyScreen
import org.cooee.phone.people.PeopleModel
import org.cooee.phone.people.PeopleScreen
import org.cooee.phone.recents.RecentsModel
import org.cooee.phone.recents.RecentsScreen
import org.cooee.phone.requests.RequestsModel
import org.cooee.phone.requests.RequestsScreen
import org.cooee.phone.settings.SettingsModel
import org.cooee.phone.settings.SettingsScreen
import org.cooee.phone.signin.SignInModel
import org.cooee.phone.signin.SignInScreen
import org.cooee.phone.story.StoryModel
import org.cooee.phone.story.StoryScreen

/** Puts the screen of a place together. */
object Screens {
    fun of(
        place: Place,
        context: Context,
        phone: Phone,
        scope: CoroutineScope,
        navigator: Navigator,
    ): Screen<*, *> =
        when (place) {
            Place.People -> PeopleScreen(context, PeopleModel(scope, phone, navigator), phone.dialler)
            Place.Recents -> RecentsScreen(context, RecentsModel(scope, phone, navigator))
            Place.Settings -> SettingsScreen(context, SettingsModel(scope, phone, navigator))
            Place.SignIn -> SignInScreen(context, SignInModel(scope, phone, navigator))
            is Place.SignInAgain -> SignInScreen(context, SignInModel(scope, phone, navigator), place.address)
            Place.MyAddress -> MyAddressScreen(context, MyAddressModel(scope, phone, navigator))
            Place.Requests -> RequestsScreen(context, RequestsModel(scope, phone, navigator))
            is Place.Contact -> ContactScreen(context, ContactModel(scope, place, phone, navigator))
            is Place.Story -> StoryScreen(context, StoryModel(scope, place.past, phone, navigator))
            is Place.Safety -> SafetyScreen(context, SafetyModel(scope, place, phone, navigator))
        }
}
