package org.cooee.phone.contacts

/** Somebody in the phone's contacts. */
data class Contact(
    val id: Long,
    val name: String,
    val starred: Boolean,
    /** Where the small picture of them is. */
    val photo: String? = null,
    /** Under which the system knows them, and whether they may disturb. */
    val uri: String? = null,
)
