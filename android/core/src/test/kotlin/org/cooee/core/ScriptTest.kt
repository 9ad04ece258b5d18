package org.cooee.core

import org.cooee.stage.Cooee
import org.cooee.stage.Server
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Test

/** The same commands to the phone of the command line and to the facade lead to the same answers, states and ends. */
class ScriptTest {
    private val script = javaClass.getResource("/script.jsonl")!!.readText().lines().filter { it.isNotBlank() }.map { JSONObject(it) }

    @Test
    fun `one script, two ways, one trace`() {
        val byCommandLine = trace { server -> CommandLine(server.cliPhone("anna")) }
        val byFacade = trace { server -> Facade(Scene(server.root).apply { signIn(server.account("anna")) }) }
        assertEquals(byCommandLine.joinToString("\n"), byFacade.joinToString("\n"))
    }

    private fun trace(anna: (Server) -> Actor): List<String> =
        Folder().use { folder ->
            Server(folder.path).use { server ->
                server.cliPhone("ben").use { ben -> anna(server).use { actor -> script.map { "$it: ${play(it, actor, ben)}" } } }
            }
        }

    private fun play(
        step: JSONObject,
        anna: Actor,
        ben: Cooee,
    ): String =
        when (val who = step.keys().next()) {
            "anna" -> anna.perform(step.getJSONObject(who))
            "ben" -> ben.obey(step.getJSONObject(who)).getString("event")
            "ben-until" -> ben.untilState(step.getString(who)).getString("direction")
            "until" -> anna.until(step.getString(who))
            "ends" -> anna.ends().also { assertEquals("$step", step.getString(who), it) }
            else -> error("$step is no step")
        }
}

/** Somebody who does what a script says, and tells in the words of docs/json.md. */
interface Actor : AutoCloseable {
    /** `accepted`, or `refused` and why. `last` stands for the last call. */
    fun perform(command: JSONObject): String

    /** The call once it is in this state, for others to compare. */
    fun until(state: String): String

    /** Why the last call ended, once it has. */
    fun ends(): String
}

/** `cooee phone`. */
class CommandLine(private val phone: Cooee) : Actor {
    private var last = 0uL

    override fun perform(command: JSONObject): String {
        listOf("call", "other").filter { command.optString(it) == "last" }.forEach { command.put(it, last.toLong()) }
        val answer = phone.order(command)
        if (answer.getString("event") == "refused") return "refused ${answer.getString("reason")}"
        if (command.getString("command") == "dial") last = answer.getLong("call").toULong()
        return answer.getString("event")
    }

    override fun until(state: String): String {
        last = phone.untilState(state).getLong("call").toULong()
        while (true) {
            phone.obey("status")
            val calls = phone.until("the status") { it.getString("event") == "status" }.getJSONArray("calls")
            val call = calls.map { it as JSONObject }.first { it.getLong("call").toULong() == last }
            // What is proven of the keys is told a moment after the state at times.
            if (state == "active" && !call.has("security")) continue
            val parts = listOf("direction", "peer", "state", "security", "codec", "muted").map { call.opt(it) }
            return parts.joinToString(" ")
        }
    }

    override fun ends(): String = phone.until("the end") { it.getString("event") == "ended" }.getString("reason")

    override fun close() = phone.close()
}

/** The facade. */
class Facade(private val scene: Scene) : Actor {
    private val phone = scene.phone
    private var last = 0uL

    override fun perform(command: JSONObject): String =
        try {
            obey(command)
            "accepted"
        } catch (refused: Refused) {
            "refused ${kebab(refused.javaClass.simpleName)}"
        }

    private fun obey(command: JSONObject) {
        val number = { name: String -> if (command.get(name) == "last") last else command.getLong(name).toULong() }
        val call by lazy { number("call") }
        val address by lazy { command.getString("address") }
        when (val name = command.getString("command")) {
            "dial" -> last = phone.dial(address)
            "answer" -> phone.answer(call)
            "decline" -> phone.decline(call)
            "hang_up" -> phone.hangUp(call)
            "hold" -> phone.hold(call)
            "resume" -> phone.resume(call)
            "mute" -> phone.mute(call, command.getBoolean("muted"))
            "digits" -> phone.digit(call, command.getString("digits"))
            "transfer_to" -> phone.transferTo(call, number("other"))
            "block" -> phone.block(address)
            "unblock" -> phone.unblock(address)
            "allow" -> phone.allow(address)
            "disallow" -> phone.disallow(address)
            "dnd" -> phone.setDoNotDisturb(command.getBoolean("on"))
            "message" -> soon { phone.sendMessage(address, command.getString("text")) }
            else -> error("$name is no command")
        }
    }

    override fun until(state: String): String {
        val wanted = { call: Call -> word(call) == state && (state != "active" || call.security != null) }
        val call = scene.untilCalls { it.any(wanted) }.first(wanted)
        last = call.id
        val security = call.security?.let { mapOf(MediaSecurity.END_TO_END to "encrypted end to end")[it] ?: "$it" }
        return listOf(kebab(call.direction.name), call.peer.address, word(call), security, call.codec, call.muted).joinToString(" ")
    }

    override fun ends(): String =
        when (val event = soon { firstEnd() }) {
            is Event.CallEnded -> word(event.reason)
            is Event.DialRefused -> word(event.reason)
            else -> error("$event ends nothing")
        }

    private suspend fun firstEnd(): Event? {
        while (true) {
            val event = phone.nextEvent()
            if (event == null || event is Event.CallEnded || event is Event.DialRefused) return event
        }
    }

    override fun close() = scene.close()

    private fun word(call: Call) = if (call.heldByPeer && !call.heldByUs) "held-by-them" else kebab(call.state.name)

    private fun word(reason: EndReason): String =
        when (reason) {
            is EndReason.HungUp -> "hung-up.${kebab(reason.by.name)}"
            is EndReason.Declined -> "declined.${kebab(reason.by.name)}"
            else -> kebab(reason.javaClass.simpleName)
        }

    /** `NoSuchCall` and `NO_SUCH_CALL` as `no-such-call`. */
    private fun kebab(name: String) =
        if (name == name.uppercase()) name.lowercase().replace('_', '-') else name.replace(Regex("(?<=.)[A-Z]"), "-$0").lowercase()
}
