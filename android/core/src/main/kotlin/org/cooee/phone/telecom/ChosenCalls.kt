package org.cooee.phone.telecom

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.stateIn
import org.cooee.model.Call

/** Whom the person has chosen to have the calls and their sound: chosen anew with the first call, never in the middle of one. */
@OptIn(ExperimentalCoroutinesApi::class)
class ChosenCalls(
    scope: CoroutineScope,
    private val choose: () -> SystemCalls,
) : SystemCalls {
    private val owner = MutableStateFlow(choose())
    private var areThere = false
    override val routes = owner.flatMapLatest { it.routes }.stateIn(scope, SharingStarted.Eagerly, Routes())
    override val mayRing = owner.flatMapLatest { it.mayRing }.stateIn(scope, SharingStarted.Eagerly, emptySet())

    override fun show(calls: List<Call>) {
        if (!areThere) owner.value = choose()
        areThere = calls.isNotEmpty()
        owner.value.show(calls)
    }

    override fun go(route: Route) = owner.value.go(route)
}
