package org.cooee.stage

import java.io.File

/** What was measured, for `./x performance`: a table's lines, in a file of their own. */
object Numbers {
    fun keep(
        name: String,
        lines: List<String>,
    ) {
        lines.forEach { println("$name: $it") }
        System.getProperty("cooee.numbers")?.let { folder -> File(folder, "$name.md").writeText(lines.joinToString("\n", postfix = "\n")) }
    }
}
