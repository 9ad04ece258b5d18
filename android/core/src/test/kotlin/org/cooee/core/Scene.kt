package org.cooee.core

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.cooee.stage.FOREVER_MS
import java.io.File
import java.nio.file.Files

/** A folder of a test's own, gone with it. */
class Folder : AutoCloseable {
    val path: File = Files.createTempDirectory("cooee").toFile()

    override fun close() {
        path.deleteRecursively()
    }
}

/** A phone, what an app lends it, and a folder of its own. */
class Scene(
    vararg roots: CertificateRoot,
    audio: Audio = Audio.Null,
) : AutoCloseable {
    val folder = Folder()
    val platform = TestPlatform(*roots)
    val phone: Phone = soon { Phone.start(config(folder, audio), platform) }

    /** The next moment that is an [E] of which [wanted] holds. */
    inline fun <reified E : Event> event(crossinline wanted: (E) -> Boolean = { true }): E =
        soon {
            while (true) {
                val event = phone.nextEvent() ?: error("the phone has ended")
                if (event is E && wanted(event)) return@soon event
            }
            @Suppress("UNREACHABLE_CODE")
            error("never")
        }

    fun untilStatus(wanted: (Status) -> Boolean) = phone.untilStatus(wanted)

    fun untilCalls(wanted: (List<Call>) -> Boolean) = phone.untilCalls(wanted)

    fun signIn(account: NewAccount): ULong {
        val id = soon { phone.addAccount(account) }
        untilStatus { status -> status.accounts.any { it.id == id && it.state is AccountState.Registered } }
        return id
    }

    override fun close() {
        soon { phone.shutdown() }
        phone.close()
        folder.close()
    }

    companion object {
        fun config(
            folder: Folder,
            audio: Audio = Audio.Null,
        ) = Config(dataDir = folder.path.path, audio = audio, loopback = true)
    }
}

/** What comes of [work], soon. */
fun <T> soon(work: suspend () -> T): T = runBlocking { withTimeout(FOREVER_MS) { work() } }

fun Phone.untilStatus(wanted: (Status) -> Boolean): Status = status().use { stream -> soon { first(wanted) { stream.next() } } }

fun Phone.untilCalls(wanted: (List<Call>) -> Boolean): List<Call> = calls().use { stream -> soon { first(wanted) { stream.next() } } }

private suspend fun <T : Any> first(
    wanted: (T) -> Boolean,
    next: suspend () -> T?,
): T {
    while (true) {
        val value = next() ?: error("the phone has ended")
        if (wanted(value)) return value
    }
}

/** So many at once are more than the phone takes; then it is asked again. */
tailrec fun dialNobody(phone: Phone): ULong =
    try {
        phone.dial("not an address")
    } catch (_: Refused.ShuttingDown) {
        null
    } ?: dialNobody(phone)
