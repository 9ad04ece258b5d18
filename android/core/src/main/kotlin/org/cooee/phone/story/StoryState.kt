package org.cooee.phone.story

import org.cooee.model.Story

/** What happened to a call; none before it is read. */
data class StoryState(
    val story: Story? = null,
    val details: Boolean = false,
)

/** What can happen on the screen. */
enum class StoryEvent { DETAILS, REMEDY, COPY_REPORT, PERSON, BACK }
