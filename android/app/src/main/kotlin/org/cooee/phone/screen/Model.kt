package org.cooee.phone.screen

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update

/** What a screen shows and what a touch means, without views. [scope] lasts as long as the screen does. */
abstract class Model<S : Any, E : Any>(
    first: S,
    protected val scope: CoroutineScope,
) {
    private val shown = MutableStateFlow(first)

    val state: StateFlow<S> = shown.asStateFlow()

    /** Something was touched, typed or granted. */
    abstract fun on(event: E)

    protected fun show(change: (S) -> S) = shown.update(change)
}
