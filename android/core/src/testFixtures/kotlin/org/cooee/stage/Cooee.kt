package org.cooee.stage

import org.json.JSONObject
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** Nothing here takes so long: whoever waits this long waits for ever. */
const val FOREVER_MS = 180_000L

/** A `cooee` of the command line that runs beside the test, in JSON. */
class Cooee(
    home: File,
    vararg arguments: String,
    input: String = "",
) : AutoCloseable {
    private val process =
        ProcessBuilder(listOf(built("cooee").path) + arguments + listOf("--json", "--home", home.path))
            .redirectError(File(home.parentFile, "${home.name}.err"))
            .start()
    private val lines = LinkedBlockingQueue<JSONObject>()
    private val orders = process.outputStream.bufferedWriter()

    /** All events so far, in order. */
    val seen = mutableListOf<JSONObject>()

    init {
        Thread { process.inputStream.bufferedReader().forEachLine { lines.put(JSONObject(it)) } }.apply { isDaemon = true }.start()
        orders.write(input)
        orders.flush()
    }

    /** The first event, now or soon, of which [wanted] holds. */
    fun until(
        what: String,
        wanted: (JSONObject) -> Boolean,
    ): JSONObject {
        while (true) {
            val event = lines.poll(FOREVER_MS, TimeUnit.MILLISECONDS) ?: error("$what: did not happen; seen: $seen")
            seen += event
            if (wanted(event)) return event
        }
    }

    fun untilState(state: String) = until(state) { it.optString("state") == state }

    /** Writes a command; what it is answered. */
    fun order(command: JSONObject): JSONObject {
        orders.write("$command\n")
        orders.flush()
        return until("$command") { it.getString("event") in listOf("accepted", "refused", "error") }
    }

    /** Writes a command that must be accepted; what it is answered. */
    fun obey(command: JSONObject): JSONObject = order(command).also { check(it.getString("event") == "accepted") { it } }

    fun dial(address: String) = obey(JSONObject().put("command", "dial").put("address", address))

    fun obey(command: String) = obey(JSONObject().put("command", command))

    /** Its end, and with what code. */
    fun end(): Int {
        check(process.waitFor(FOREVER_MS, TimeUnit.MILLISECONDS)) { "it does not end; seen: $seen" }
        return process.exitValue()
    }

    /** It stands still: nothing is answered, and no packet sent. */
    fun freeze() = signal("STOP")

    /** It goes on. */
    fun thaw() = signal("CONT")

    private fun signal(name: String) = check(ProcessBuilder("kill", "-$name", process.pid().toString()).start().waitFor() == 0)

    override fun close() {
        process.destroyForcibly().waitFor()
    }

    companion object {
        fun built(name: String) = File(System.getProperty("cooee.built"), name)
    }
}
