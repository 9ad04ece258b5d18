package org.cooee.phone.contacts

/** Somebody in the phone's contacts. */
data class Contact(
    val id: Long,
    val name: String,
    val starred: Boolean,
)
