package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator

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
