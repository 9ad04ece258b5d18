package org.cooee.model

import java.io.Serializable

/**
 * Something that the core says. The app has a text of this [name] in each of its languages (the list is `uniffi/words.txt`).
 * [arguments] stand in it: texts, numbers, [java.time.Duration]s, and other phrases.
 */
data class Phrase(
    val name: String,
    val arguments: List<Any> = emptyList(),
) : Serializable {
    constructor(name: String, vararg arguments: Any) : this(name, arguments.toList())
}
