package org.cooee.model

import org.junit.Assert.assertEquals
import org.junit.Test

/** What strangers choose, as it is shown. */
class NamesTest {
    @Test
    fun `a name is one line of a bounded length that turns nothing around and is cut between signs`() {
        assertEquals("evil name", Names.tame("\u202Eevil\nname\u0007"))
        assertEquals("${"a".repeat(78)}…", Names.tame("a".repeat(78) + "😀😀"))
    }

    @Test
    fun `what joins the letters of a script stays`() {
        assertEquals("می\u200Cخواهم", Names.tame("می\u200Cخواهم"))
    }

    @Test
    fun `a message stands in full, with its lines, and turns nothing around`() {
        assertEquals("one two\nthree", Names.whole("\u202Eone\ttwo\nthree\u2029\n"))
        assertEquals(900, Names.whole("a".repeat(900)).length)
    }
}
