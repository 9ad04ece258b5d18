package org.cooee.phone.screen

import android.app.AlertDialog
import android.os.Bundle
import android.os.Parcelable
import android.util.SparseArray
import android.view.View
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import org.cooee.phone.R

/** How a screen looks: draws states and tells the model what is touched. It decides nothing. */
abstract class Screen<S : Any, E : Any>(
    val model: Model<S, E>,
    val root: View,
) {
    private val scroll = Scroll(root.findViewById(R.id.list) ?: root.findViewById(R.id.scroll) ?: root)
    private var asked: Pair<Question, AlertDialog>? = null

    abstract fun draw(state: S)

    /** Draws what is, at once, and whatever comes while [scope] lasts, as it was [kept], if it was there before; [drawn] follows each time. */
    @Suppress("DEPRECATION")
    fun begin(
        scope: CoroutineScope,
        kept: Bundle? = null,
        drawn: () -> Unit,
    ) {
        model.kept = kept?.getSerializable(MODEL)
        draw(model.state.value)
        kept?.let(::restore)
        drawn()
        scope.launch { model.state.collect { draw(it).also { drawn() } } }
    }

    /** Whether there is a step back within the screen: the system wants to know that before. */
    open val hasBack get() = false

    /** Goes it. */
    open fun back() = Unit

    /** The dialog for a question; none if there is nothing to ask any more. */
    protected open fun dialog(question: Question): AlertDialog.Builder? = null

    fun ask(question: Question) {
        asked?.second?.dismiss()
        asked = dialog(question)?.show()?.let { question to it }
    }

    /** What is typed, open and scrolled to, for a screen that is made anew: the phone was turned, or the process ended. */
    fun keep() =
        Bundle().also { kept ->
            kept.putSerializable(MODEL, model.kept)
            kept.putSparseParcelableArray(VIEWS, SparseArray<Parcelable>().also(root::saveHierarchyState))
            kept.putIntArray(SCROLL, scroll.keep())
            asked?.takeIf { (_, dialog) -> dialog.isShowing }?.let { (question, dialog) ->
                kept.putSerializable(QUESTION, question)
                kept.putBundle(DIALOG, dialog.onSaveInstanceState())
            }
        }

    @Suppress("DEPRECATION")
    private fun restore(kept: Bundle) {
        kept.getSparseParcelableArray<Parcelable>(VIEWS)?.let(root::restoreHierarchyState)
        kept.getIntArray(SCROLL)?.let(scroll::restore)
        (kept.getSerializable(QUESTION) as Question?)?.let(::ask)
        kept.getBundle(DIALOG)?.let { asked?.second?.onRestoreInstanceState(it) }
    }

    /** What was asked of the person is decided. */
    open fun settled() = Unit

    /** It is shown no more. */
    open fun leave() {
        asked?.second?.dismiss()
        scroll.arrive()
    }

    private companion object {
        const val MODEL = "model"
        const val VIEWS = "views"
        const val SCROLL = "scroll"
        const val QUESTION = "question"
        const val DIALOG = "dialog"
    }
}
