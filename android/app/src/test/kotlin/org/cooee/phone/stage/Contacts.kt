package org.cooee.phone.stage

import android.Manifest
import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.provider.ContactsContract
import android.provider.ContactsContract.CommonDataKinds.Email
import android.provider.ContactsContract.CommonDataKinds.Phone
import android.provider.ContactsContract.Contacts
import android.provider.ContactsContract.Data
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.util.concurrent.CopyOnWriteArrayList

/** Somebody in the fake contacts. */
data class FakeContact(
    val id: Long,
    val name: String,
    val addresses: List<String>,
    val starred: Boolean = false,
    val photo: String? = null,
)

/** The phone's contacts, in memory: answers just the questions that the app asks. */
class FakeContacts : ContentProvider() {
    var contacts = emptyList<FakeContact>()

    /** So many questions were asked for addresses. */
    var questions = 0

    /** What is waited for before contacts are listed. */
    var listing: () -> Unit = {}

    /** All lists that were given out. */
    val lists = CopyOnWriteArrayList<Cursor>()

    override fun onCreate() = true

    override fun query(
        uri: Uri,
        columns: Array<out String>?,
        where: String?,
        arguments: Array<out String>?,
        order: String?,
    ): Cursor =
        when {
            uri.path == "/data" && columns?.size == 1 -> everything()
            uri.path == "/data" -> data(checkNotNull(arguments))
            uri.toString().startsWith(Email.CONTENT_LOOKUP_URI.toString()) -> who(uri.pathSegments.getOrNull(3))
            uri.toString().startsWith(ContactsContract.PhoneLookup.CONTENT_FILTER_URI.toString()) -> who(checkNotNull(uri.lastPathSegment))
            uri.toString().startsWith(Contacts.CONTENT_FILTER_URI.toString()) -> list(checkNotNull(uri.lastPathSegment))
            else -> list("")
        }

    private fun list(search: String): Cursor {
        listing()
        return rows(Contacts._ID, Contacts.DISPLAY_NAME_PRIMARY, Contacts.STARRED, Contacts.PHOTO_THUMBNAIL_URI) {
            contacts.filter {
                it.name.contains(search, ignoreCase = true)
            }.sortedBy { !it.starred }.map { listOf(it.id, it.name, if (it.starred) 1 else 0, it.photo) }
        }.also(lists::add)
    }

    private fun everything() = rows(Data.DATA1) { contacts.flatMap { it.addresses }.map { listOf(it) } }

    private fun data(arguments: Array<out String>): Cursor {
        questions++
        return rows(Data.CONTACT_ID, Data.MIMETYPE, Data.DATA1) {
            contacts.filter { it.id.toString() in arguments }.flatMap { contact ->
                contact.addresses.map { listOf(contact.id, if ('@' in it) Email.CONTENT_ITEM_TYPE else Phone.CONTENT_ITEM_TYPE, it) }
            }
        }
    }

    private fun who(address: String?) =
        rows(Data.CONTACT_ID, Data.DISPLAY_NAME_PRIMARY, Data.STARRED, Data.PHOTO_THUMBNAIL_URI, Data.LOOKUP_KEY) {
            contacts.filter { address == null || address in it.addresses }.map {
                listOf(it.id, it.name, if (it.starred) 1 else 0, it.photo, "key${it.id}")
            }
        }

    private fun rows(
        vararg columns: String,
        all: () -> List<List<Any?>>,
    ) = Rows(columns).apply { all().forEach { addRow(it) } }

    /** As those of other processes: closed, they have nothing any more. */
    private class Rows(columns: Array<out String>) : MatrixCursor(columns) {
        override fun getLong(column: Int): Long {
            check(!isClosed) { "read after its end" }
            return super.getLong(column)
        }
    }

    override fun getType(uri: Uri): String? = null

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri? = null

    override fun delete(
        uri: Uri,
        where: String?,
        arguments: Array<out String>?,
    ) = 0

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        arguments: Array<out String>?,
    ) = 0

    companion object {
        /** Contacts that may be read. */
        fun of(vararg contacts: FakeContact): FakeContacts {
            shadowOf(RuntimeEnvironment.getApplication()).grantPermissions(Manifest.permission.READ_CONTACTS)
            val provider = checkNotNull(Robolectric.buildContentProvider(FakeContacts::class.java).create(ContactsContract.AUTHORITY).get())
            provider.contacts = contacts.toList()
            return provider
        }
    }
}
