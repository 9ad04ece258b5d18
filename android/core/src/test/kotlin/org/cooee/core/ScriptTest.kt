package org.cooee.core

import org.cooee.stage.Cooee
import org.cooee.stage.Server
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.time.Duration

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
                server.cliPhone("ben").use { ben ->
                    server.cliPhone("cleo").use { cleo ->
                        val others = mapOf("ben" to ben, "cleo" to cleo)
                        anna(server).use { actor -> script.map { "$it: ${play(it, actor, others)}" } }
                    }
                }
            }
        }

    private fun play(
        step: JSONObject,
        anna: Actor,
        others: Map<String, Cooee>,
    ): String {
        val who = step.keys().next()
        val what = step.get(who)
        return when {
            who == "anna" -> anna.perform(what as JSONObject)
            who == "until" -> anna.until("$what")
            who in others && what is JSONObject -> others.getValue(who).obey(what).getString("event")
            who in others -> others.getValue(who).untilState("$what").optString("direction")
            else -> anna.hears(who, "$what").also { assertTrue("$step: $it", "$what" in it) }
        }
    }
}

/** Somebody who does what a script says, and tells in the words of docs/json.md. */
interface Actor : AutoCloseable {
    /** `accepted`, or `refused` and why. `last` stands for the last call, `before` for the one before. */
    fun perform(command: JSONObject): String

    /** The call once it is in this state, for others to compare. */
    fun until(state: String): String

    /** The next thing of this kind that is told: `ends`, `no-call`, `asked`, `reads`, `tested`; or how the `conditions` are, once [wanted] is so. */
    fun hears(
        kind: String,
        wanted: String,
    ): String
}

/** The last two calls. */
class Recent {
    private var all = listOf<ULong>()

    fun note(call: ULong) {
        if (call !in all.take(1)) all = listOf(call) + all.take(1)
    }

    fun number(of: Any): ULong =
        when (of) {
            "last" -> all.firstOrNull() ?: 0uL
            "before" -> all[1]
            else -> (of as Number).toLong().toULong()
        }
}

/** `cooee phone`. */
class CommandLine(private val phone: Cooee) : Actor {
    private val recent = Recent()

    override fun perform(command: JSONObject): String {
        val named = JSONObject("$command")
        listOf("call", "other").filter(named::has).forEach { named.put(it, recent.number(named.get(it)).toLong()) }
        val answer = phone.order(named)
        if (answer.getString("event") == "refused") return "refused ${answer.getString("reason")}"
        if (named.getString("command") == "dial") recent.note(answer.getLong("call").toULong())
        return answer.getString("event")
    }

    override fun until(state: String): String {
        val last = phone.untilState(state).getLong("call").toULong().also(recent::note)
        while (true) {
            phone.obey("status")
            val calls = phone.until("the status") { it.getString("event") == "status" }.getJSONArray("calls")
            val call = calls.map { it as JSONObject }.first { it.getLong("call").toULong() == last }
            // What is proven of the keys is told a moment after the state at times.
            if (state == "active" && !call.has("security")) continue
            return listOf("direction", "peer", "state", "security", "codec", "muted", "allowed").map { call.opt(it) }.joinToString(" ")
        }
    }

    override fun hears(
        kind: String,
        wanted: String,
    ): String =
        when (kind) {
            "ends" -> {
                next("ended").run { "${getString("reason")} ${getString("fault")}" }
            }

            "no-call" -> {
                next("ended").getString("reason")
            }

            "asked" -> {
                next("transfer-asked", "state" to "open").run { "${getString("by")} ${getString("target")}" }
            }

            "reads" -> {
                next("message", "state" to "received").run { "${getString("peer")} ${getString("text")}" }
            }

            "tested" -> {
                next("ring-test").getString("proof")
            }

            "conditions" -> {
                conditions()
            }

            else -> {
                error("$kind is nothing that is told")
            }
        }

    private fun next(
        event: String,
        where: Pair<String, String>? = null,
    ) = phone.until(event) { it.getString("event") == event && (where == null || it.getString(where.first) == where.second) }

    private fun conditions(): String {
        phone.obey("reach")
        val before = phone.seen.size
        val rings = next("reach").getBoolean("rings")
        val lines = phone.seen.drop(before).filter { it.getString("event") == "ring-condition" }
        // Who asks for the others is running.
        val others = lines.filter { it.getString("condition") != "running" }.map { "${it.getString("condition")} ${it.getString("level")}" }
        return (others + "rings $rings").joinToString()
    }

    override fun close() = phone.close()
}

/** The facade. */
class Facade(private val scene: Scene) : Actor {
    private val phone = scene.phone
    private val recent = Recent()

    override fun perform(command: JSONObject): String =
        try {
            obey(command)
            "accepted"
        } catch (refused: Refused) {
            "refused ${kebab(refused.javaClass.simpleName)}"
        }

    private fun obey(command: JSONObject) {
        val number = { name: String -> recent.number(command.get(name)) }
        val call by lazy { number("call") }
        val address by lazy { command.getString("address") }
        when (val name = command.getString("command")) {
            "dial" -> recent.note(phone.dial(address))
            "answer" -> phone.answer(call)
            "answer_ending" -> phone.answer(call, endingOthers = true)
            "decline" -> phone.decline(call)
            "hang_up" -> phone.hangUp(call)
            "hold" -> phone.hold(call)
            "resume" -> phone.resume(call)
            "mute" -> phone.mute(call, command.getBoolean("muted"))
            "digits" -> phone.digit(call, command.getString("digits"))
            "transfer" -> phone.transfer(call, address)
            "transfer_to" -> phone.transferTo(call, number("other"))
            "follow_transfer" -> phone.followTransfer(call)
            "refuse_transfer" -> phone.refuseTransfer(call)
            "low_data" -> phone.setLowData(command.getBoolean("on"))
            "system_call" -> phone.systemCall(SystemCall.valueOf(command.getString("state").uppercase()))
            "route_changed" -> phone.routeChanged()
            "who_rings" -> phone.setWhoRings(WhoRings.valueOf(command.getString("who").uppercase().replace('-', '_')))
            "ring_test" -> phone.testRinging(Duration.ofSeconds(command.getLong("in")))
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
        recent.note(call.id)
        val security = call.security?.let { mapOf(MediaSecurity.END_TO_END to "encrypted end to end")[it] ?: "$it" }
        val allowed = call.allowed.joinToString(",", "[", "]") { "\"${kebab(it.name)}\"" }
        return listOf(
            kebab(call.direction.name),
            call.peer.address,
            word(call),
            security,
            call.codec,
            call.muted,
            allowed,
        ).joinToString(" ")
    }

    override fun hears(
        kind: String,
        wanted: String,
    ): String =
        when (kind) {
            "ends" -> next<Event.CallEnded>().run { "${word(reason)} ${kebab(fault.name)}" }
            "no-call" -> word(next<Event.DialRefused>().reason)
            "asked" -> next<Event.TransferAsked> { it.decision is TransferDecision.Open }.run { "$by $target" }
            "reads" -> next<Event.MessageReceived>().run { "${from.address} $text" }
            "tested" -> kebab(next<Event.RingTested>().test.proof.name)
            "conditions" -> conditions(scene.untilStatus { wanted in conditions(it) })
            else -> error("$kind is nothing that is told")
        }

    private inline fun <reified E : Event> next(crossinline wanted: (E) -> Boolean = { true }): E = scene.event(wanted)

    private fun conditions(status: Status): String {
        val lines = status.ringing.map { "${kebab(it.condition.name)} ${kebab(it.level.name)}" }
        return (lines + "rings ${status.wouldRing}").joinToString()
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
