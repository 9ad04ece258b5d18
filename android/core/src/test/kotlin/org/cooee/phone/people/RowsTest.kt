package org.cooee.phone.people

import org.cooee.model.Past
import org.cooee.model.Person
import org.junit.Assert.assertEquals
import org.junit.Test

/** What stands where on the home. */
class RowsTest {
    private val past = Past(1, 0, incoming = true, Person("ben@example.org"))

    private fun Rows.all() = (0 until count).map { this[it] }

    @Test
    fun `what was comes first, then favourites, then everybody else, each below its heading`() {
        val rows = Rows(listOf(past), favourites = 1, contacts = 3)
        val expected =
            listOf(
                Row.Heading(Part.RECENT),
                Row.Recent(past),
                Row.Heading(Part.FAVOURITES),
                Row.Contact(0),
                Row.Heading(Part.ALL),
                Row.Contact(1),
                Row.Contact(2),
            )
        assertEquals(expected, rows.all())
        assertEquals(0..1, rows.contacts(0, 6))
        assertEquals(IntRange.EMPTY, rows.contacts(0, 3))
        assertEquals(0..2, rows.contacts(3, 100))
    }

    @Test
    fun `while somebody is looked for there are contacts alone, be it none`() {
        assertEquals(listOf(Row.Heading(Part.ALL), Row.Contact(0)), Rows(listOf(past), contacts = 1, isSearching = true).all())
        assertEquals(emptyList<Row>(), Rows(listOf(past), isSearching = true).all())
    }

    @Test
    fun `where there are no contacts, or none that may be read, it says so`() {
        assertEquals(listOf(Row.Nobody), Rows().all())
        assertEquals(listOf(Row.NotAllowed), Rows(mayRead = false).all())
    }
}
