package org.cooee.stage

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.sqrt

/** A voice, and whether it arrived: by how its loudness rises and falls. */
class Speech private constructor(private val loudness: DoubleArray) {
    /** From 0, not at all, to 1: how far the best place of [heard] follows this voice. */
    fun likenessIn(heard: Speech): Double {
        val places = 0..(heard.loudness.size - loudness.size)
        return places.maxOfOrNull { at -> correlation(loudness, heard.loudness.copyOfRange(at, at + loudness.size)) } ?: 0.0
    }

    /** How long it is, in seconds. */
    val seconds get() = loudness.size / STEPS.toDouble()

    companion object {
        /** How often a second its loudness is looked at. */
        private const val STEPS = 50
        private const val RATE_AT = 24

        fun fixture(name: String) = File(System.getProperty("cooee.speech"), name)

        /** A WAV file of one channel and 16 bits, complete or not. */
        fun read(file: File): Speech {
            val octets = ByteBuffer.wrap(file.readBytes()).order(ByteOrder.LITTLE_ENDIAN)
            val data = String(octets.array(), Charsets.ISO_8859_1).indexOf("data") + 8
            val step = octets.getInt(RATE_AT) / STEPS
            val samples = octets.position(data).slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer()
            val power = { at: Int -> (0 until step).sumOf { samples[at * step + it].toDouble().let { sample -> sample * sample } } }
            return Speech(DoubleArray(samples.remaining() / step) { sqrt(power(it) / step) })
        }

        private fun correlation(
            one: DoubleArray,
            other: DoubleArray,
        ): Double {
            val (a, b) = listOf(one, other).map { values -> values.average().let { mean -> values.map { it - mean } } }
            val power = sqrt(a.sumOf { it * it } * b.sumOf { it * it })
            return if (power == 0.0) 0.0 else a.zip(b).sumOf { (x, y) -> x * y } / power
        }
    }
}
