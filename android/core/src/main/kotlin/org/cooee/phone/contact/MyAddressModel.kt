package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Teller

/** What to give to others. */
class MyAddressModel(
    scope: CoroutineScope,
    teller: Teller,
    private val navigator: Navigator,
) : Model<MyAddressState, MyAddressEvent>(MyAddressState(teller.core.status.value.accounts.map { it.address }), teller, scope) {
    init {
        core.status.follow { status -> show { MyAddressState(status.accounts.map { account -> account.address }) } }
    }

    override fun take(event: MyAddressEvent) =
        when (event) {
            MyAddressEvent.Back -> navigator.back()
        }
}
