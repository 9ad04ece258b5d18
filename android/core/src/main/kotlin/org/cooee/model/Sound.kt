package org.cooee.model

/** What stands for microphone and loudspeaker. */
sealed interface Sound {
    /** The device's own. */
    data object Device : Sound

    /** Files, for tests: what is spoken, and where to record what is heard. Everything stays on this machine then. */
    data class Files(
        val speak: String?,
        val record: String?,
    ) : Sound
}
