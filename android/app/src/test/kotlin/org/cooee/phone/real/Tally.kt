package org.cooee.phone.real

import org.cooee.core.FfiConverterRustBuffer
import org.cooee.core.PhoneInterface
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED

/** What crosses the facade between app and core: which calls, and how many octets they take and bring. */
class Tally {
    /** A call, or what it brings. */
    data class Crossing(
        val call: String,
        val isAnswer: Boolean,
        val octets: Int,
    )

    private val all = ConcurrentLinkedQueue<Crossing>()

    /** All since it was last taken. */
    fun take(): List<Crossing> = generateSequence { all.poll() }.toList()

    /** No more crosses. */
    val size get() = all.size

    fun watch(phone: PhoneInterface): PhoneInterface =
        Proxy.newProxyInstance(phone.javaClass.classLoader, arrayOf(PhoneInterface::class.java)) { _, method, given ->
            // Unsigned numbers add a suffix.
            val name = method.name.substringBefore('-')
            val arguments = given.orEmpty()
            val waits = arguments.lastOrNull() as? Continuation<*>
            note(name, isAnswer = false, arguments.filter { it !is Continuation<*> })
            @Suppress("UNCHECKED_CAST")
            val passed =
                if (waits ==
                    null
                ) {
                    arguments
                } else {
                    (arguments.dropLast(1) + Waiting(name, waits as Continuation<Any?>)).toTypedArray()
                }
            try {
                method.invoke(phone, *passed).also { if (it !== COROUTINE_SUSPENDED) note(name, isAnswer = true, listOf(it)) }
            } catch (thrown: InvocationTargetException) {
                throw thrown.targetException
            }
        } as PhoneInterface

    private fun note(
        call: String,
        isAnswer: Boolean,
        values: List<Any?>,
    ) {
        // One waits for moments all the time.
        if (call != "nextEvent" || isAnswer) all += Crossing(call, isAnswer, values.sumOf(::octets))
    }

    private inner class Waiting(
        private val call: String,
        private val whoWaits: Continuation<Any?>,
    ) : Continuation<Any?> {
        override val context: CoroutineContext get() = whoWaits.context

        override fun resumeWith(result: Result<Any?>) {
            result.onSuccess { note(call, isAnswer = true, listOf(it)) }
            whoWaits.resumeWith(result)
        }
    }

    /** As the bindings write it. */
    private fun octets(value: Any?): Int =
        when (value) {
            null, is Unit -> 0
            is Boolean -> 1
            is Int, is UInt -> Int.SIZE_BYTES
            is Number, is ULong -> Long.SIZE_BYTES
            is String -> value.toByteArray().size
            is List<*> -> Int.SIZE_BYTES + value.sumOf { if (it is String) Int.SIZE_BYTES + octets(it) else octets(it) }
            else -> converter(value.javaClass)?.let { written(it, value) } ?: 0
        }

    private fun written(
        converter: FfiConverterRustBuffer<Any>,
        value: Any,
    ): Int = ByteBuffer.allocate(converter.allocationSize(value).toInt()).also { converter.write(value, it) }.position()

    /** None for objects, of which but a number crosses. */
    @Suppress("UNCHECKED_CAST")
    private tailrec fun converter(of: Class<*>): FfiConverterRustBuffer<Any>? {
        val outer =
            of.declaringClass
                ?: of.superclass.takeIf { it?.name?.startsWith("org.cooee.core.") == true && it.name.count { c -> c == '$' } == 0 }
        val name = "org.cooee.core.FfiConverterType${of.simpleName}"
        val found = runCatching { Class.forName(name).getField("INSTANCE").get(null) }.getOrNull()
        return if (found != null || outer == null) found as? FfiConverterRustBuffer<Any> else converter(outer)
    }
}
