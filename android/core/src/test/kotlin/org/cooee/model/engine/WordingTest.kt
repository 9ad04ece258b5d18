package org.cooee.model.engine

import org.cooee.core.Phone
import org.cooee.model.Phrase
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.reflect.Constructor
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Modifier
import java.time.Duration

/** The names that the app makes of the bindings' enums are those of the list that its texts are compared with. */
class WordingTest {
    /** Every variant that the bindings have, with everything that decides about its name. */
    private val made = classes().flatMap(::samples).map(Wording::of).groupBy(Phrase::name) { it.arguments.size }

    @Test
    fun `every word of the list is made of a variant, with as many arguments`() {
        val listed = File(System.getProperty("cooee.words")).readLines().map { it.split(' ') }.associate { it.first() to it.size - 1 }
        assertTrue("${listed.size}", listed.size > 300)
        assertEquals(emptySet<String>(), listed.keys - made.keys)
        assertEquals(emptyMap<String, Int>(), listed.filter { (name, arguments) -> arguments !in made.getValue(name) })
    }

    /** The enums of the bindings, and the variants of those that hold something. */
    private fun classes(): List<Class<*>> {
        val folder = File(checkNotNull(Phone::class.java.protectionDomain.codeSource).location.toURI()).resolve("org/cooee/core")
        val names = folder.list().orEmpty().map { it.removeSuffix(".class") }.filter(NAME::matches)
        return names.map { Class.forName("org.cooee.core.$it", false, javaClass.classLoader) }.filter { it.isEnum || isVariant(it) }
    }

    private fun isVariant(type: Class<*>) =
        type.declaringClass?.let { Modifier.isAbstract(it.modifiers) && it == type.superclass } == true &&
            !Modifier.isAbstract(type.modifiers)

    private fun samples(type: Class<*>): List<Any> {
        if (type.isEnum) return type.enumConstants.toList()
        runCatching { type.getField("INSTANCE").get(null) }.getOrNull()?.let { return listOf(it) }
        val constructor = type.declaredConstructors.filterNot { it.isSynthetic }.maxBy { it.parameterCount }.apply { isAccessible = true }
        return choices(constructor.parameterTypes.toList()).mapNotNull { make(constructor, it) }
    }

    private fun make(
        constructor: Constructor<*>,
        values: List<Any?>,
    ): Any? =
        try {
            constructor.newInstance(*values.toTypedArray())
        } catch (missing: InvocationTargetException) {
            // It cannot be without.
            check(missing.cause is NullPointerException && null in values) { "$constructor: ${missing.cause}" }
            null
        }

    /** All of what could be part of a name, with everything else that could be there; then without some of that. */
    private fun choices(types: List<Class<*>>): List<List<Any?>> {
        val whole = types.fold(listOf(emptyList<Any?>())) { all, type -> all.flatMap { before -> choice(type).map { before + it } } }
        val optional = types.indices.filter { !types[it].isPrimitive }
        val absences = optional.fold(listOf(emptySet<Int>())) { sets, index -> sets + sets.map { it + index } }
        return whole + absences.drop(1).map { absent -> whole.first().mapIndexed { index, value -> value.takeIf { index !in absent } } }
    }

    private fun choice(type: Class<*>): List<Any> =
        when {
            type == Boolean::class.java -> listOf(true, false)
            type.isPrimitive -> listOf(NUMBERS.getValue(type))
            type.isEnum -> type.enumConstants.toList()
            else -> listOf(other(type))
        }

    private fun other(type: Class<*>): Any =
        when {
            type == String::class.java -> {
                "ben"
            }

            type == Duration::class.java -> {
                Duration.ofSeconds(3)
            }

            type == List::class.java -> {
                emptyList<Any>()
            }

            type == ByteArray::class.java -> {
                byteArrayOf(1)
            }

            type.name.startsWith("kotlin.U") -> {
                type.methods.first {
                    it.name == "box-impl"
                }.let { it(null, NUMBERS.getValue(it.parameterTypes[0])) }
            }

            Modifier.isAbstract(type.modifiers) -> {
                type.declaredClasses.filter(::isVariant).firstNotNullOf { samples(it).firstOrNull() }
            }

            else -> {
                samples(type).first()
            }
        }

    private companion object {
        /** A class, or one within another; the compiler's own have small letters. */
        val NAME = Regex("[A-Z]\\w*(\\$[A-Z]\\w*)?")
        val NUMBERS: Map<Class<*>, Any> =
            mapOf(
                Byte::class.java to 1.toByte(),
                Short::class.java to 1.toShort(),
                Int::class.java to 1,
                Long::class.java to 1L,
                Double::class.java to 1.0,
            )
    }
}
