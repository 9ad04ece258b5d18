package org.cooee.model

/** Names and addresses as they are shown: strangers choose them. */
object Names {
    private const val LONGEST = 80
    private const val ISOLATE = '\u2068'
    private const val END_ISOLATE = '\u2069'

    /** Whether it turns no text around it, and breaks no line. */
    private fun isHarmless(sign: Char) = sign.category !in setOf(CharCategory.FORMAT, CharCategory.CONTROL, CharCategory.LINE_SEPARATOR)

    /** One line, of a length that can be read, that turns nothing around. */
    fun tame(text: String) =
        text
            .take(LONGEST * 2)
            .map { if (it.isWhitespace()) ' ' else it }
            .filter(::isHarmless)
            .joinToString("")
            .trim()
            .let { if (it.length > LONGEST) it.take(LONGEST - 1) + '…' else it }

    /** A name or an address inside of a sentence, which may run the other way. */
    fun isolate(text: String) = "$ISOLATE${tame(text)}$END_ISOLATE"

    /** [known]: the name that the phone's contacts have. */
    fun of(
        person: Person,
        known: String? = null,
    ) = listOf(known.orEmpty(), person.name.orEmpty(), person.address).map(::tame).firstOrNull { it.isNotEmpty() }.orEmpty()

    /** One or two letters. */
    fun initials(name: String): String {
        val parts = tame(name).split(' ').filter { it.isNotEmpty() && it.first().isLetterOrDigit() }
        return (listOfNotNull(parts.firstOrNull()) + listOfNotNull(parts.drop(1).lastOrNull())).joinToString("") { first(it) }.uppercase()
    }

    private fun first(part: String) = String(Character.toChars(part.codePointAt(0)))
}
