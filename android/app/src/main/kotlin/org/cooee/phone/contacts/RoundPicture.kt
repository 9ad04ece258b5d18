package org.cooee.phone.contacts

import android.graphics.Bitmap
import android.graphics.BitmapShader
import android.graphics.Matrix
import android.graphics.Shader
import android.graphics.drawable.ShapeDrawable
import android.graphics.drawable.shapes.OvalShape

/** A picture in a circle, as large as its view. */
class RoundPicture(val picture: Bitmap) : ShapeDrawable(OvalShape()) {
    init {
        paint.isFilterBitmap = true
        shaderFactory =
            object : ShaderFactory() {
                override fun resize(
                    width: Int,
                    height: Int,
                ) = BitmapShader(picture, Shader.TileMode.CLAMP, Shader.TileMode.CLAMP).apply {
                    setLocalMatrix(Matrix().apply { setScale(width / picture.width.toFloat(), height / picture.height.toFloat()) })
                }
            }
    }
}
