package org.cooee.phone.contacts

import android.database.Cursor
import java.io.Closeable

/** Contacts in their order, the favourites first, each read when it is asked for. For one thread. */
class ContactList(private val rows: Cursor?) : Closeable {
    val size get() = rows?.count ?: 0

    /** So many favourites stand in front. */
    val favourites = (0 until size).firstOrNull { !get(it).starred } ?: size

    operator fun get(at: Int): Contact {
        val row = checkNotNull(rows)
        check(row.moveToPosition(at)) { "there are $size contacts" }
        return Contact(row.getLong(0), row.getString(1).orEmpty(), row.getInt(2) != 0, row.getString(3))
    }

    override fun close() {
        rows?.close()
    }

    companion object {
        val NONE = ContactList(null)
    }
}
