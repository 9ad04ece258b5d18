package org.cooee.phone.rules

import org.cooee.model.Phrase
import org.cooee.phone.words.say
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import java.io.File
import java.time.Duration

/** Everything that the core can say is said in each language, with all that belongs into it. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class WordsTest(private val language: String) {
    private val words = File(System.getProperty("cooee.words")).readLines().map { it.split(' ') }

    @Test
    fun `each word of the list is a sentence with what belongs into it`() {
        RuntimeEnvironment.setQualifiers("+$language")
        val context = RuntimeEnvironment.getApplication()
        assertTrue(words.size > 300)
        for ((name, arguments) in words.map { it.first() to it.drop(1) }) {
            val phrase = Phrase(name, arguments.map { argument(it.substringAfter(':')) })
            val said = context.say(phrase)
            assertFalse("$name: “$said”", said.isBlank() || '%' in said.replace(" %", "") || name in said)
            val text = context.getString(context.resources.getIdentifier(name, "string", context.packageName))
            val placed = Regex("%(\\d)\\\$s").findAll(text).map { it.groupValues[1].toInt() }.toSet()
            for (number in placed) assertTrue("$name: “$said”", MARK.getOrElse(arguments[number - 1].substringAfter(':')) { "" } in said)
        }
    }

    /** Something of this type, as it is told here. */
    private fun argument(type: String): Any =
        when (type) {
            "String" -> "ben"

            "Duration" -> Duration.ofMillis(7_300)

            "u16", "u32", "u64" -> 42L

            // A record of a reason and more has the words of the reason.
            "AccountTrouble" -> Phrase("end_no_sign")

            else -> words.first { it.first().startsWith(prefix(type)) && it.size == 1 }.let { Phrase(it.first()) }
        }

    private fun prefix(type: String) = if (type == "EndReason") "end_" else "${type.replace(Regex("(?<=.)[A-Z]"), "_$0").lowercase()}_"

    companion object {
        /** By what an argument is known again. */
        private val MARK = mapOf("String" to "ben", "u16" to "42", "u32" to "42", "u64" to "42")

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = listOf("en", "de", "ar")
    }
}
