package org.cooee.model.engine

import org.cooee.model.Phrase

/** Names the text for what the core says: the variant of an enum, and what it holds. The rules are those of `uniffi/words.txt`. */
internal object Wording {
    /** Enums that are part of the names of what holds them, as `end_hung_up_us`. */
    private val INFLECTING = setOf("Side", "Stream", "LinkWeakness", "SoundTrouble")

    /** Variants that have the words of what they hold. */
    private val HOLDING =
        setOf(
            "EndReason.Redirected",
            "EndReason.Login",
            "EndReason.Untrusted",
            "EndReason.Unreachable",
            "EndReason.Media",
            "Fact.Ended",
            "Fact.OneWay",
        )

    fun of(said: Any): Phrase {
        if (said is Enum<*>) return Phrase("${prefix(said.declaringJavaClass.simpleName)}_${said.name.lowercase()}")
        val (type, variant) = said.javaClass.superclass.simpleName to said.javaClass.simpleName
        val held = held(said)
        if ("$type.$variant" in HOLDING) return of(checkNotNull(held.single()))
        val endings = held.mapNotNull(::ending)
        val name = (listOf(prefix(type), snake(variant)) + endings + listOf("without").filter { null in held }).joinToString("_")
        return Phrase(name, held.filterNotNull().filter { ending(it) == null }.map(::argument))
    }

    /** What a variant holds, in its order. */
    private fun held(said: Any): List<Any?> =
        said.javaClass.methods
            .filter { it.parameterCount == 0 && it.name.startsWith(COMPONENT) }
            .sortedBy { it.name.removePrefix(COMPONENT).takeWhile(Char::isDigit).toInt() }
            .map { it.invoke(said) }

    private fun ending(held: Any?): String? =
        when {
            held is Boolean -> if (held) "yes" else "no"
            held is Enum<*> && held.declaringJavaClass.simpleName in INFLECTING -> held.name.lowercase()
            else -> null
        }

    private fun argument(held: Any): Any =
        when {
            held is Enum<*> -> of(held)
            held.javaClass.superclass.simpleName == "EndReason" -> of(held)
            else -> held
        }

    private fun prefix(type: String) = if (type == "EndReason") "end" else snake(type)

    /** `NoSuchDomain` as `no_such_domain`. */
    private fun snake(name: String) = name.replace(Regex("(?<=.)[A-Z]"), "_$0").lowercase()

    private const val COMPONENT = "component"
}
