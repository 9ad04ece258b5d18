package org.cooee.model.engine

import kotlinx.coroutines.delay
import org.cooee.core.PhoneInterface
import org.cooee.core.StartException

private const val PAUSES = 3
private const val PAUSE_MS = 10_000L

/** Starts the phone; a key store may not be ready when a device has just started. */
internal suspend fun patiently(start: suspend () -> PhoneInterface): PhoneInterface {
    repeat(PAUSES) {
        try {
            return start()
        } catch (_: StartException.Platform) {
            delay(PAUSE_MS)
        }
    }
    return start()
}
