package org.cooee.model

/** What two people compare. */
data class Safety(
    /** Twelve words, the same on both phones. */
    val words: List<String>,
    /** The same for a camera. */
    val code: String,
    val verified: Boolean,
    /** The key was verified before and is another now. */
    val changed: Boolean = false,
)
