package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import org.cooee.model.Core
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator

/** The addresses at which one is called. */
data class MyAddressState(
    val addresses: List<String>,
)

/** What can happen on the screen. */
sealed interface MyAddressEvent {
    data object Back : MyAddressEvent
}

/** What to give to others. */
class MyAddressModel(
    scope: CoroutineScope,
    core: Core,
    private val navigator: Navigator,
) : Model<MyAddressState, MyAddressEvent>(MyAddressState(core.status.value.accounts.map { it.address }), scope) {
    init {
        scope.launch { core.status.collect { status -> show { MyAddressState(status.accounts.map { account -> account.address }) } } }
    }

    override fun on(event: MyAddressEvent) =
        when (event) {
            MyAddressEvent.Back -> navigator.back()
        }
}
