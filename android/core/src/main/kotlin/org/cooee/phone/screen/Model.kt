package org.cooee.phone.screen

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.cooee.model.Refusal
import java.io.Serializable

/** What a screen shows and what a touch means, without views. [scope] lasts as long as the screen does. What the core refuses is said. */
abstract class Model<S : Any, E : Any>(
    first: S,
    private val teller: Teller,
    protected val scope: CoroutineScope,
) {
    protected val core = teller.core
    private val shown = MutableStateFlow(first)

    val state: StateFlow<S> = shown.asStateFlow()

    /** Something was touched, typed or granted. */
    fun on(event: E) = attempt { take(event) }

    protected abstract fun take(event: E)

    /** What of the state the person has made, for a model that is made anew. */
    open var kept: Serializable?
        get() = null
        set(_) = Unit

    protected fun show(change: (S) -> S) = shown.update(change)

    /** Does what takes its time. */
    protected fun trying(act: suspend () -> Unit): Job = scope.launch { attempt { act() } }

    /** Does something at each value; one that is refused does not end it. */
    protected fun <T> Flow<T>.follow(act: suspend (T) -> Unit): Job = scope.launch { collect { attempt { act(it) } } }

    private inline fun attempt(act: () -> Unit) {
        try {
            act()
        } catch (refusal: Refusal) {
            teller.tell(refusal)
        }
    }
}
