package org.cooee.phone.contact

/** The addresses at which one is called. */
data class MyAddressState(val addresses: List<String>)

/** What can happen on the screen. */
sealed interface MyAddressEvent {
    data object Back : MyAddressEvent
}
