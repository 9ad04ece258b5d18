package org.cooee.phone.rules

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** The app is thin: what belongs to the core is not done again in Kotlin. */
class ThinTest {
    @Test
    fun `nothing but the seam imports the bindings, and it is small files`() {
        val knowing = (Sources.kotlin + Sources.core).filter { "org.cooee.core." in Sources.code(it) }
        assertEquals(setOf("engine"), knowing.map { it.parentFile.name }.toSet())
        assertEquals(emptyList<String>(), Sources.core.filter { it.readLines().size > MOST_LINES_A_FILE }.map(File::getName))
    }

    @Test
    fun `the app opens no sockets, no databases, and reads no addresses`() {
        val words =
            mapOf(
                "java.net" to setOf("OldResolver.kt"),
                "android.database.sqlite" to emptySet(),
                "Regex(" to emptySet(),
                "java.util.regex" to emptySet(),
                "\"sip:" to emptySet(),
                "'@'" to emptySet(),
                "\"@\"" to emptySet(),
            )
        assertFoundOnlyIn(words)
    }

    @Test
    fun `time passes in the core, and where the framework itself keeps it`() {
        val words = listOf("postDelayed", "delay(", " Timer(", "Thread.sleep", "Executors.", "withTimeout", "sample(", "debounce(")
        assertFoundOnlyIn(words.associateWith { emptySet() })
    }

    private fun assertFoundOnlyIn(words: Map<String, Set<String>>) {
        val found =
            words.flatMap { (word, allowed) ->
                Sources.kotlin.filter { word in Sources.code(it) && it.name !in allowed }.map { "${it.name} has $word" }
            }
        assertEquals(emptyList<String>(), found)
    }

    @Test
    fun `the app has at most 6,000 lines of Kotlin, in small files`() {
        val lines = Sources.kotlin.associateWith { it.readLines().size }
        println("The app has ${lines.values.sum()} lines of Kotlin in ${lines.size} files")
        assertTrue("${lines.values.sum()} lines", lines.values.sum() <= MOST_LINES)
        assertEquals(emptyMap<File, Int>(), lines.filter { it.value > MOST_LINES_A_FILE })
    }

    private companion object {
        const val MOST_LINES = 6_000
        const val MOST_LINES_A_FILE = 300
    }
}
