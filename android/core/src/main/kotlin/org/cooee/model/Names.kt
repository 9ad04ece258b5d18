package org.cooee.model

/** Names and addresses as they are shown: strangers choose them. */
object Names {
    private const val LONGEST = 80
    private const val ISOLATE = '\u2068'
    private const val END_ISOLATE = '\u2069'

    /** Without them some scripts, and signs that are made of several, are not written right. */
    private const val JOINERS = "\u200C\u200D"

    /** Whether it turns no text around it, and breaks no line. */
    private fun isHarmless(sign: Char) =
        sign in JOINERS || sign.category !in setOf(CharCategory.FORMAT, CharCategory.CONTROL, CharCategory.LINE_SEPARATOR)

    /** One line, of a length that can be read, that turns nothing around. */
    fun tame(text: String) =
        text
            .take(LONGEST * 2)
            .map { if (it.isWhitespace()) ' ' else it }
            .filter(::isHarmless)
            .joinToString("")
            .trim()
            .let { if (it.length > LONGEST) cut(it) + '…' else it }

    /** Not in the middle of a sign that is written as two. */
    private fun cut(text: String) = text.take(LONGEST - 1).dropLastWhile(Char::isHighSurrogate)

    /** What somebody wrote, in full and with its lines, that turns nothing around. */
    fun whole(text: String) = text.replace('\t', ' ').filter { it == '\n' || isHarmless(it) }.trim()

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
