package org.cooee.phone.ring

import android.annotation.TargetApi
import android.app.NotificationManager
import android.app.NotificationManager.Policy
import android.content.Context
import android.net.Uri
import android.os.Build
import org.cooee.model.Person
import org.cooee.phone.contacts.Contact
import org.cooee.phone.phone
import org.cooee.phone.service

/** The system's "do not disturb": whose call may be heard all the same is the person's word there. */
class DoNotDisturb(private val context: Context) {
    private val notices = context.service<NotificationManager>()
    private val filter get() = notices.currentInterruptionFilter
    val isOff get() = filter < NotificationManager.INTERRUPTION_FILTER_PRIORITY

    fun lets(
        peer: Person,
        contact: Contact?,
    ) = isOff || (filter == NotificationManager.INTERRUPTION_FILTER_PRIORITY && isPriority(peer, contact))

    /** The system knows best, and answers who may read the contacts. Before Android 11 it does not tell: this is what is chosen at first. */
    @TargetApi(Build.VERSION_CODES.TIRAMISU)
    private fun isPriority(
        peer: Person,
        contact: Contact?,
    ) = when {
        Build.VERSION.SDK_INT < Build.VERSION_CODES.R -> contact?.starred == true
        Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || !context.phone.contacts.isOpen -> allows(contact)
        else -> notices.matchesCallFilter(contact?.uri?.let(Uri::parse) ?: Uri.fromParts("mailto", peer.address, null))
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun allows(contact: Contact?): Boolean {
        val policy = notices.consolidatedNotificationPolicy
        return policy.priorityCategories and Policy.PRIORITY_CATEGORY_CALLS != 0 &&
            when (policy.priorityCallSenders) {
                Policy.PRIORITY_SENDERS_ANY -> true
                Policy.PRIORITY_SENDERS_CONTACTS -> contact != null
                else -> contact?.starred == true
            }
    }
}
