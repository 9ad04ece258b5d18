package org.cooee.phone.contacts

import android.Manifest
import android.content.ContentResolver
import android.content.Context
import android.database.ContentObserver
import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.provider.ContactsContract.CommonDataKinds.Email
import android.provider.ContactsContract.CommonDataKinds.Phone
import android.provider.ContactsContract.CommonDataKinds.SipAddress
import android.provider.ContactsContract.Contacts
import android.provider.ContactsContract.Data
import android.provider.ContactsContract.PhoneLookup
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.onStart
import kotlinx.coroutines.withContext
import org.cooee.phone.may

/** The phone's own contacts. Nothing of them is kept here. */
class ContactBook(
    private val context: Context,
    private val reader: CoroutineDispatcher,
) {
    private val resolver: ContentResolver = checkNotNull(context.contentResolver)

    val isOpen get() = context.may(Manifest.permission.READ_CONTACTS)

    private val opened = MutableStateFlow(isOpen)

    /** Looks whether the book may be read by now. */
    fun look() {
        opened.value = isOpen
    }

    /** Something is as soon as the book may be read, and whenever contacts have changed: a row changed at a time, they are read but once again. */
    @OptIn(ExperimentalCoroutinesApi::class)
    val changes = opened.flatMapLatest { isOpen -> if (isOpen) observed().onStart { emit(Unit) } else emptyFlow() }.conflate()

    private fun observed() =
        callbackFlow {
            val observer =
                object : ContentObserver(Handler(Looper.getMainLooper())) {
                    override fun onChange(selfChange: Boolean) {
                        trySend(Unit)
                    }
                }
            resolver.registerContentObserver(Contacts.CONTENT_URI, true, observer)
            awaitClose { resolver.unregisterContentObserver(observer) }
        }

    /** All, or those that [search] finds. */
    suspend fun list(search: String): ContactList {
        var found: ContactList? = null
        try {
            return reading(ContactList.NONE) { read(search).also { found = it } }
        } catch (superseded: CancellationException) {
            // Nobody gets it any more.
            found?.close()
            throw superseded
        }
    }

    private fun read(search: String): ContactList {
        val all = checkNotNull(Contacts.CONTENT_URI)
        val where = if (search.isBlank()) all else Uri.withAppendedPath(Contacts.CONTENT_FILTER_URI, Uri.encode(search.trim()))
        val columns = arrayOf(Contacts._ID, Contacts.DISPLAY_NAME_PRIMARY, Contacts.STARRED, Contacts.PHOTO_THUMBNAIL_URI)
        return ContactList(resolver.query(checkNotNull(where), columns, null, null, ORDER))
    }

    /** What these contacts can be called at: addresses first, then numbers. One question for all of them. */
    suspend fun addresses(contacts: List<Long>): Map<Long, List<String>> =
        reading(emptyMap()) {
            val marks = { count: Int -> List(count) { "?" }.joinToString() }
            val where = "${Data.CONTACT_ID} IN (${marks(contacts.size)}) AND ${Data.MIMETYPE} IN (${marks(KINDS.size)})"
            val found = mutableListOf<Triple<Long, Int, String>>()
            val columns = arrayOf(Data.CONTACT_ID, Data.MIMETYPE, Data.DATA1)
            val asked = (contacts.map(Long::toString) + KINDS).toTypedArray()
            resolver.query(checkNotNull(Data.CONTENT_URI), columns, where, asked, null)?.use { row ->
                while (row.moveToNext()) found += Triple(row.getLong(0), KINDS.indexOf(row.getString(1)), row.getString(2).orEmpty())
            }
            val usable = found.filter { it.third.isNotBlank() }.sortedBy { it.second }
            usable.groupBy({ it.first }, { it.third.trim() }).mapValues { it.value.distinct() }
        }

    /** Everything that anybody in the book can be called at. */
    suspend fun everything(): List<String> =
        reading(emptyList()) {
            val where = "${Data.MIMETYPE} IN (${KINDS.joinToString { "?" }})"
            val found = mutableSetOf<String>()
            resolver.query(checkNotNull(Data.CONTENT_URI), arrayOf(Data.DATA1), where, KINDS.toTypedArray(), null)?.use { row ->
                while (row.moveToNext()) row.getString(0)?.trim()?.takeIf(String::isNotEmpty)?.let(found::add)
            }
            found.toList()
        }

    /** Who in the contacts has this address; none if nobody has. Asked for no address, the system would answer with anybody. */
    suspend fun who(address: String): Contact? = if (address.isBlank()) null else reading(null) { find(address) }

    private fun find(address: String): Contact? =
        first(Email.CONTENT_LOOKUP_URI, address, Data.CONTACT_ID)
            ?: if (address.any(Char::isLetter)) null else first(PhoneLookup.CONTENT_FILTER_URI, address, PhoneLookup.CONTACT_ID)

    private fun first(
        among: Uri?,
        address: String,
        id: String,
    ): Contact? {
        val who = checkNotNull(Uri.withAppendedPath(among, Uri.encode(address)))
        return resolver.query(who, arrayOf(id) + OF_CONTACT, null, null, null)?.use { row ->
            if (!row.moveToFirst()) return null
            val uri = Contacts.getLookupUri(row.getLong(0), row.getString(4))
            Contact(row.getLong(0), row.getString(1).orEmpty(), row.getInt(2) != 0, row.getString(3), uri?.toString())
        }
    }

    private suspend fun <T> reading(
        closed: T,
        read: () -> T,
    ): T = if (isOpen) withContext(reader) { read() } else closed

    private companion object {
        const val ORDER = "${Contacts.STARRED} DESC, ${Contacts.SORT_KEY_PRIMARY}"
        val OF_CONTACT = arrayOf(Contacts.DISPLAY_NAME_PRIMARY, Contacts.STARRED, Contacts.PHOTO_THUMBNAIL_URI, Contacts.LOOKUP_KEY)
        val KINDS = listOf(SipAddress.CONTENT_ITEM_TYPE, Email.CONTENT_ITEM_TYPE, Phone.CONTENT_ITEM_TYPE)
    }
}
