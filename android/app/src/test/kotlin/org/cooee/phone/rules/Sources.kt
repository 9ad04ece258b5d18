package org.cooee.phone.rules

import java.io.File

/** The app's sources and resources, as files. */
object Sources {
    val android = File(checkNotNull(System.getProperty("cooee.android")))
    private val main = File(android, "app/src/main")
    val kotlin = File(main, "kotlin").walkTopDown().filter { it.extension == "kt" }.toList()
    val core = File(android, "core/src/main/kotlin").walkTopDown().filter { it.extension == "kt" }.toList()
    val resources = File(main, "res")
    val manifest = File(main, "AndroidManifest.xml")

    /** Without comments: what a rule is about is code. */
    fun code(file: File) = file.readText().replace(Regex("/\\*.*?\\*/", RegexOption.DOT_MATCHES_ALL), "").replace(Regex("//.*"), "")
}
