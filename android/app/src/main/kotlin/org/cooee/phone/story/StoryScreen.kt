package org.cooee.phone.story

import android.content.Context
import org.cooee.model.Remedy
import org.cooee.model.Step
import org.cooee.model.Story
import org.cooee.phone.R
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Screen
import org.cooee.phone.words.day
import org.cooee.phone.words.say

/** What happened, whose side it was on, what can be done; below, every step. */
class StoryScreen(
    private val context: Context,
    model: StoryModel,
    private val page: Page = Page(context, context.getString(R.string.story_title)) { model.on(StoryEvent.BACK) },
) : Screen<StoryState, StoryEvent>(model, page.root) {
    override fun draw(state: StoryState) =
        page.draw {
            val story = state.story ?: return@draw
            person(story.past.peer).setOnClickListener { model.on(StoryEvent.PERSON) }
            small(context.day(story.past.at))
            answers(story)
            remedy(story)?.let { remedy -> button(name(remedy)) { model.on(StoryEvent.REMEDY) } }
            tonal(if (state.details) R.string.details_hide else R.string.details) { model.on(StoryEvent.DETAILS) }
            if (state.details) {
                story.steps.forEach { small(line(it)) }
                link(R.string.story_copy) { model.on(StoryEvent.COPY_REPORT) }
            }
        }

    /** Nobody can call whoever withholds who it is. */
    private fun remedy(story: Story) = story.remedy?.takeIf { it == Remedy.SETTINGS || !story.past.peer.isWithheld }

    private fun Page.answers(story: Story) {
        story.rang?.let { rang ->
            line(
                context.getString(if (rang) R.string.story_rang else R.string.story_did_not_ring),
                if (rang) R.drawable.ic_check else R.drawable.ic_close,
            )
        }
        heading(R.string.story_why)
        text(listOf(context.say(story.verdict.what), context.say(story.verdict.side)).filter { it.isNotEmpty() }.joinToString(" "))
        story.verdict.advice?.let {
            heading(R.string.story_advice)
            text(context.say(it))
        }
    }

    private fun line(step: Step) =
        context.getString(R.string.story_step, step.after / 1000f, context.say(step.what), context.say(step.side)).trim()

    private fun name(remedy: Remedy) =
        when (remedy) {
            Remedy.CALL_AGAIN -> R.string.call_again
            Remedy.CALL_BACK -> R.string.call_back
            Remedy.SETTINGS -> R.string.open_settings
            Remedy.TELEPHONE -> R.string.call_by_telephone
        }
}
