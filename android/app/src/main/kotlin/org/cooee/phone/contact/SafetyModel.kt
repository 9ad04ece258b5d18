package org.cooee.phone.contact

import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Person
import org.cooee.model.Refusal
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place

/** Verifying somebody: twelve words, read to each other. */
class SafetyModel(
    scope: CoroutineScope,
    private val place: Place.Safety,
    phone: Phone,
    private val navigator: Navigator,
) : Model<SafetyState, SafetyEvent>(SafetyState(Person(place.address, place.name)), phone, scope) {
    init {
        trying { read() }
    }

    override fun take(event: SafetyEvent) {
        when (event) {
            SafetyEvent.SAME -> state.value.safety?.let { set { core.wordsMatch(place.address, it.code) } }
            SafetyEvent.FORGET -> set { core.forgetVerified(place.address) }
            SafetyEvent.BACK -> navigator.back()
        }
    }

    private fun set(change: suspend () -> Unit) =
        trying {
            try {
                change()
            } catch (_: Refusal) {
                // Another key was used meanwhile: what is shown next says so.
            }
            read()
        }

    private suspend fun read() {
        val safety = core.safety(place.address)
        show { it.copy(safety = safety, read = true) }
    }
}
