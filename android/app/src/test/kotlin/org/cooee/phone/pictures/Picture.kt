package org.cooee.phone.pictures

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import org.cooee.phone.stage.idle
import java.io.File

/** A picture of a window, and the one that is kept of it. */
object Picture {
    private val made = File(checkNotNull(System.getProperty("cooee.pictures"))).apply { mkdirs() }
    private val kept = File(checkNotNull(System.getProperty("cooee.android")), "app/src/test/pictures")

    fun take(
        activity: Activity,
        name: String,
    ): Bitmap {
        idle()
        val window = checkNotNull(activity.window)
        val root = window.decorView
        val bitmap = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        var result = -1
        PixelCopy.request(window, bitmap, { result = it }, Handler(Looper.getMainLooper()))
        idle()
        check(result == PixelCopy.SUCCESS) { "no picture of $name: $result" }
        File(made, "$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return bitmap
    }

    /** The share of pixels that are others than in the kept picture; 1 if there is none, or of another size. */
    fun difference(
        taken: Bitmap,
        name: String,
    ): Double {
        val bytes = File(kept, "$name.png").takeIf { it.exists() }?.readBytes() ?: return 1.0
        val before = checkNotNull(BitmapFactory.decodeByteArray(bytes, 0, bytes.size))
        if (before.width != taken.width || before.height != taken.height) return 1.0
        val (one, other) =
            listOf(before, taken).map { bitmap ->
                IntArray(bitmap.width * bitmap.height).also { bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height) }
            }
        return one.indices.count { one[it] != other[it] } / one.size.toDouble()
    }
}
