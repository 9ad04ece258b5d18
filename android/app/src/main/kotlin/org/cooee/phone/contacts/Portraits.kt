package org.cooee.phone.contacts

import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import android.util.LruCache
import android.widget.TextView
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.cooee.model.Names
import org.cooee.phone.R
import org.cooee.phone.read

/** The small pictures of people, read when they come into sight; where there is none, the initials stand. */
class Portraits(
    private val context: Context,
    private val scope: CoroutineScope,
    private val reader: CoroutineDispatcher,
) {
    private val kept = LruCache<String, Bitmap>(MOST)

    /** Shows somebody in a view, which may show somebody else before the picture is there. */
    fun show(
        view: TextView,
        name: String,
        photo: String?,
    ) {
        if (photo != null && view.getTag(R.id.avatar) == photo) return
        view.setTag(R.id.avatar, photo)
        view.text = Names.initials(name)
        view.setBackgroundResource(R.drawable.avatar)
        if (photo == null) return
        kept[photo]?.let { view.draw(it) } ?: scope.launch {
            val picture = withContext(reader) { decode(Uri.parse(photo)) } ?: return@launch
            kept.put(photo, picture)
            if (view.getTag(R.id.avatar) == photo) view.draw(picture)
        }
    }

    /** Contacts come from anywhere: no larger than this, whatever is there. */
    private fun decode(photo: Uri): Bitmap? {
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        context.read(photo) { BitmapFactory.decodeStream(it, null, options) }
        options.inSampleSize = maxOf(options.outWidth, options.outHeight) / LARGEST
        options.inJustDecodeBounds = false
        return context.read(photo) { BitmapFactory.decodeStream(it, null, options) }
    }

    /** Contacts have changed, and where a picture was may be another. */
    fun forget() = kept.evictAll()

    private fun TextView.draw(picture: Bitmap) {
        text = null
        background = RoundPicture(picture)
    }

    private companion object {
        /** A few screens of them. */
        const val MOST = 100
        const val LARGEST = 256
    }
}
