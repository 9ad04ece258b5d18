package org.cooee.phone.story

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import org.cooee.model.Refusal
import org.cooee.model.Remedy
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.words.say
import java.io.Serializable

/** Why a call did not ring, or had no sound. */
class StoryModel(
    scope: CoroutineScope,
    private val past: Long,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<StoryState, StoryEvent>(StoryState(), phone, scope) {
    init {
        scope.launch {
            try {
                val story = phone.core.story(past)
                show { it.copy(story = story) }
            } catch (refusal: Refusal) {
                // Forgotten meanwhile.
                phone.tell(phone.context.say(refusal.why))
                navigator.back()
            }
        }
    }

    override fun take(event: StoryEvent) {
        val peer = state.value.story?.past?.peer ?: return
        when (event) {
            StoryEvent.DETAILS -> show { it.copy(details = !it.details) }
            StoryEvent.REMEDY -> mend()
            StoryEvent.COPY_REPORT -> trying { phone.copy(phone.core.report(past)) }
            StoryEvent.PERSON -> navigator.go(Place.Contact(peer))
            StoryEvent.BACK -> navigator.back()
        }
    }

    override var kept: Serializable?
        get() = state.value.details
        set(kept) = show { it.copy(details = kept == true) }

    private fun mend() {
        val story = state.value.story ?: return
        when (story.remedy) {
            Remedy.CALL_AGAIN, Remedy.CALL_BACK -> phone.dialler.dial(story.past.peer.address, navigator)
            Remedy.SETTINGS -> navigator.go(Place.Settings)
            Remedy.TELEPHONE -> phone.dialler.telephone(story.past.peer.address)
            null -> Unit
        }
    }
}
