package org.cooee.phone.screen

import android.view.View
import android.view.ViewTreeObserver

/** Tells whether a person sees a screen: it is there, and its window is in front. */
class Sight(private val tell: (isSeen: Boolean) -> Unit) :
    View.OnAttachStateChangeListener,
    ViewTreeObserver.OnWindowFocusChangeListener {
    fun watch(root: View) = root.addOnAttachStateChangeListener(this)

    override fun onViewAttachedToWindow(view: View) {
        view.viewTreeObserver.addOnWindowFocusChangeListener(this)
        if (view.hasWindowFocus()) tell(true)
    }

    override fun onViewDetachedFromWindow(view: View) {
        view.viewTreeObserver.removeOnWindowFocusChangeListener(this)
        tell(false)
    }

    override fun onWindowFocusChanged(focused: Boolean) = tell(focused)
}
