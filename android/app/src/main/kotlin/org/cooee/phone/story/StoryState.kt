package org.cooee.phone.story

import org.cooee.model.Story

/** What happened to a call; none before it is read. */
data class StoryState(
    val story: Story? = null,
    val details: Boolean = false,
)

/** What can happen on the screen. */
sealed interface StoryEvent {
    data object Details : StoryEvent

    data object Remedy : StoryEvent

    data object CopyReport : StoryEvent

    data object Person : StoryEvent

    data object Back : StoryEvent
}
