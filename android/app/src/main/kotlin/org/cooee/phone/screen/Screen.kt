package org.cooee.phone.screen

import android.view.View
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** How a screen looks: draws states and tells the model what is touched. It decides nothing. */
abstract class Screen<S : Any, E : Any>(
    val model: Model<S, E>,
    val root: View,
) {
    abstract fun draw(state: S)

    /** Draws what is, at once, and whatever comes while [scope] lasts. */
    fun begin(scope: CoroutineScope) {
        draw(model.state.value)
        scope.launch { model.state.collect(::draw) }
    }

    /** Goes a step back within the screen; whether there was one. */
    open fun back() = false
}
