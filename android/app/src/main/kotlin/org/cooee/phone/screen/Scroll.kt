package org.cooee.phone.screen

import android.annotation.SuppressLint
import android.view.View
import android.view.ViewTreeObserver
import android.widget.ListView

/** How far a list or a page is scrolled. Made anew, it goes back there once so much of it has been read, unless it is touched before. */
class Scroll(private val view: View) : ViewTreeObserver.OnGlobalLayoutListener {
    private var wanted: IntArray? = null
    private var tried = 0

    /** Of a list the row at the top, and where that begins; of a page how far it is scrolled. */
    fun keep() =
        wanted ?: when (view) {
            is ListView -> intArrayOf(view.firstVisiblePosition, view.getChildAt(0)?.top ?: 0)
            else -> intArrayOf(view.scrollY, 0)
        }

    @SuppressLint("ClickableViewAccessibility")
    fun restore(to: IntArray) {
        wanted = to
        view.viewTreeObserver.addOnGlobalLayoutListener(this)
        view.setOnTouchListener { _, _ -> false.also { arrive() } }
    }

    override fun onGlobalLayout() {
        val (at, offset) = wanted ?: return
        if (view !is ListView) {
            view.scrollTo(0, at)
            if (view.scrollY == at) arrive()
        } else if (view.count != tried) {
            tried = view.count
            // To its last row if need be, so that more are read.
            view.setSelectionFromTop(minOf(at, tried - 1), offset)
            if (at < tried) arrive()
        }
    }

    /** It goes nowhere any more. */
    fun arrive() {
        wanted = null
        view.viewTreeObserver.removeOnGlobalLayoutListener(this)
    }
}
