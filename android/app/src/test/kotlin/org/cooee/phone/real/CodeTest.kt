package org.cooee.phone.real

import android.graphics.Color
import org.cooee.phone.contact.QrCode
import org.cooee.phone.stage.idle
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

/** What one phone shows, another reads. */
class CodeTest : RealTest() {
    @Test
    fun `the code that is drawn is the code that is read`() {
        home.also { idle() }
        for (text in listOf("sip:anna@cooee.test", "COOEE1:" + "0123456789ABCDEF".repeat(8))) {
            val code = QrCode.draw(text, app.resources).bitmap
            val side = (code.width + 2 * MARGIN) * SCALE
            val luma =
                ByteArray(side * side) {
                    val (x, y) = it % side / SCALE - MARGIN to it / side / SCALE - MARGIN
                    val isDark = x in 0 until code.width && y in 0 until code.height && code.getPixel(x, y) == Color.BLACK
                    if (isDark) 0 else -1
                }
            assertEquals(text, app.phone.core.readCode(luma, side, side, side))
            assertNull(app.phone.core.readCode(luma, side, side + 1, side))
        }
    }

    private companion object {
        const val MARGIN = 4
        const val SCALE = 4
    }
}
