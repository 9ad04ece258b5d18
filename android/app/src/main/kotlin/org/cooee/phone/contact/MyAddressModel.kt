package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator

/** The addresses at which one is called. */
data class MyAddressState(val addresses: List<String>)

/** What can happen on the screen. */
sealed interface MyAddressEvent {
    data object Back : MyAddressEvent
}

/** What to give to others. */
class MyAddressModel(
    scope: CoroutineScope,
    phone: Phone,
    private val navigator: Navigator,
) : Model<MyAddressState, MyAddressEvent>(MyAddressState(phone.core.status.value.accounts.map { it.address }), phone, scope) {
    init {
        core.status.follow { status -> show { MyAddressState(status.accounts.map { account -> account.address }) } }
    }

    override fun take(event: MyAddressEvent) =
        when (event) {
            MyAddressEvent.Back -> navigator.back()
        }
}
