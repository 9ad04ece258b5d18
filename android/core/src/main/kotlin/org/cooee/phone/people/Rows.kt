package org.cooee.phone.people

import org.cooee.model.Past

/** A row of the home. */
sealed interface Row {
    data class Heading(val of: Part) : Row

    data class Recent(val past: Past) : Row

    /** [at]: its place among the contacts. */
    data class Contact(val at: Int) : Row

    /** The contacts may not be read. */
    data object NotAllowed : Row

    /** There are none. */
    data object Nobody : Row
}

/** What has a heading. */
enum class Part { RECENT, FAVOURITES, ALL }

/** All rows of the home. Contacts are counted and not listed: there may be thousands, the favourites in front. */
class Rows(
    recent: List<Past> = emptyList(),
    favourites: Int = 0,
    contacts: Int = 0,
    mayRead: Boolean = true,
    isSearching: Boolean = false,
) {
    /** Rows, and how many contacts each of them begins; 1 for others. */
    private val parts: List<Pair<Row, Int>> =
        buildList {
            if (recent.isNotEmpty() && !isSearching) {
                add(Row.Heading(Part.RECENT) to 1)
                recent.forEach { add(Row.Recent(it) to 1) }
            }
            if (favourites > 0) {
                add(Row.Heading(Part.FAVOURITES) to 1)
                add(Row.Contact(0) to favourites)
            }
            if (contacts > favourites) {
                add(Row.Heading(Part.ALL) to 1)
                add(Row.Contact(favourites) to contacts - favourites)
            }
            when {
                !mayRead -> add(Row.NotAllowed to 1)
                contacts == 0 && !isSearching -> add(Row.Nobody to 1)
            }
        }
    val count = parts.sumOf { it.second }

    operator fun get(position: Int): Row {
        var left = position
        for ((row, size) in parts) {
            if (left < size) return if (row is Row.Contact) Row.Contact(row.at + left) else row
            left -= size
        }
        error("there are $count rows")
    }

    /** From the first to the last of the contacts in sight, where [size] rows from [first] on are. */
    fun contacts(
        first: Int,
        size: Int,
    ): IntRange {
        val seen = (first until minOf(first + size, count)).mapNotNull { (this[it] as? Row.Contact)?.at }
        return if (seen.isEmpty()) IntRange.EMPTY else seen.first()..seen.last()
    }
}
