package org.cooee.phone.contacts

import android.graphics.Bitmap
import android.graphics.BitmapShader
import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Matrix
import android.graphics.Paint
import android.graphics.PixelFormat
import android.graphics.Rect
import android.graphics.RectF
import android.graphics.Shader
import android.graphics.drawable.Drawable

/** A picture in a circle, as large as its view. */
class RoundPicture(
    private val picture: Bitmap,
) : Drawable() {
    private val shader = BitmapShader(picture, Shader.TileMode.CLAMP, Shader.TileMode.CLAMP)
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG or Paint.FILTER_BITMAP_FLAG)

    init {
        paint.shader = shader
    }

    override fun onBoundsChange(bounds: Rect) {
        val whole = RectF(0f, 0f, picture.width.toFloat(), picture.height.toFloat())
        shader.setLocalMatrix(Matrix().apply { setRectToRect(whole, RectF(bounds), Matrix.ScaleToFit.FILL) })
    }

    override fun draw(canvas: Canvas) = canvas.drawOval(RectF(bounds), paint)

    override fun setAlpha(alpha: Int) {
        paint.alpha = alpha
    }

    override fun setColorFilter(filter: ColorFilter?) {
        paint.colorFilter = filter
    }

    @Deprecated("Nobody asks from 29 on.")
    override fun getOpacity() = PixelFormat.TRANSLUCENT
}
