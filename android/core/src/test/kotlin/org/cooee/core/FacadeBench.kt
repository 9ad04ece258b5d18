package org.cooee.core

import java.nio.ByteBuffer
import kotlin.system.measureNanoTime

private const val LINES = 50u
private const val EVENTS = 20_000
private const val AT_ONCE = 200

/** What crosses between an app and the core, and how long it takes: docs/performance.md, written by `./x bench facade`. */
fun main() =
    Scene().use { scene ->
        val phone = scene.phone
        fillLog(scene)
        println("| what an app asks for | calls | octets | median |")
        println("|---|---|---|---|")
        row("start, to the first frame: status, calls, the last $LINES past calls") {
            phone.status().use { octets(FfiConverterTypeStatus, it.next()!!) } +
                phone.calls().use { octets(FfiConverterSequenceTypeCall, it.next()!!) } +
                octets(FfiConverterTypeLogPage, phone.log(null, LINES)) to 5
        }
        row("another page of $LINES past calls") { octets(FfiConverterTypeLogPage, phone.log(LINES.toULong(), LINES)) to 1 }
        row("a page of 100 contacts") {
            octets(FfiConverterSequenceTypeAddressReach, phone.reach(List(100) { "ben$it@example.org" })) to 1
        }
        row("a letter typed") { octets(FfiConverterTypeUnderstanding, phone.understand("ben@example.org", 1uL)) to 1 }
        row("the story of a call") { octets(FfiConverterTypeStory, phone.story(1uL)) to 1 }
        row("a change of the calls, told by their stream") {
            phone.calls().use { octets(FfiConverterSequenceTypeCall, it.next()!!) } to 2
        }
        println("\nMoments, fetched by one coroutine while they come, none lost: ${eventsASecond(phone)} a second.")
    }

/** A hundred calls that came to nothing. */
private fun fillLog(scene: Scene) {
    val options = AccountOptions(proxy = "127.0.0.1:1", transport = Transport.TCP, register = false)
    val account = soon { scene.phone.addAccount(NewAccount("anna@example.org", Credentials.Password("secret"), options)) }
    repeat(100) {
        val call = scene.phone.dial("ben@example.org", account)
        scene.event<Event.CallLogged> { it.call == call }
    }
}

private fun <T> octets(
    converter: FfiConverterRustBuffer<T>,
    value: T,
): Int = ByteBuffer.allocate(converter.allocationSize(value).toInt()).also { converter.write(value, it) }.position()

/** [ask] gives what came back in octets, and by how many calls. */
private fun row(
    what: String,
    ask: suspend () -> Pair<Int, Int>,
) {
    var (octets, calls) = 0 to 0
    val times = List(60) { measureNanoTime { soon { ask() }.let { (came, by) -> octets = came.also { calls = by } } } }
    println("| %s | %d | %,d | %.1f ms |".format(what, calls, octets, times.drop(10).sorted()[25] / 1e6))
}

private fun eventsASecond(phone: Phone): Long {
    val time =
        measureNanoTime {
            repeat(EVENTS / AT_ONCE) {
                val last = List(AT_ONCE) { phone.dial("not an address") }.last()
                soon {
                    while (true) {
                        val event = phone.nextEvent()
                        check(event !is Event.Overflow) { "too fast: moments were lost" }
                        if (event is Event.DialRefused && event.call == last) break
                    }
                }
            }
        }
    return EVENTS * 1_000_000_000L / time
}
