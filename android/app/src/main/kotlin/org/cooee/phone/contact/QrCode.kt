package org.cooee.phone.contact

import android.content.res.Resources
import android.graphics.Bitmap
import android.graphics.Color
import android.graphics.drawable.BitmapDrawable
import io.nayuki.qrcodegen.QrCode as Code

/** A text as a code for cameras. */
object QrCode {
    /** One pixel a module; drawn large without blurring its edges. */
    fun draw(
        text: String,
        resources: Resources,
    ): BitmapDrawable {
        val code = checkNotNull(Code.encodeText(text, Code.Ecc.MEDIUM))
        val pixels = IntArray(code.size * code.size) { if (code.getModule(it % code.size, it / code.size)) Color.BLACK else Color.WHITE }
        val bitmap = Bitmap.createBitmap(pixels, code.size, code.size, Bitmap.Config.ARGB_8888)
        return BitmapDrawable(resources, bitmap).apply {
            isFilterBitmap = false
            setAntiAlias(false)
        }
    }
}
