package org.cooee.phone.contact

import android.content.Context
import android.view.View
import android.widget.TextView
import org.cooee.model.Names
import org.cooee.phone.R
import org.cooee.phone.people.Line
import org.cooee.phone.recents.PastRow
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Question
import org.cooee.phone.screen.Screen
import org.cooee.phone.screen.typeMessage
import org.cooee.phone.shown
import org.cooee.phone.view
import org.cooee.phone.words.checked
import org.cooee.phone.words.say

/** Addresses with their states, which to call, verify, block, history. */
class ContactScreen(
    private val context: Context,
    model: ContactModel,
    private val page: Page = Page(context, "") { model.on(ContactEvent.Back) },
) : Screen<ContactState, ContactEvent>(model, page.root) {
    override fun draw(state: ContactState) =
        page.draw {
            person(state.person, state.photo)
            heading(R.string.contact_addresses)
            state.lines.forEach { line(it, isOnly = state.lines.size == 1) }
            if (state.lines.isEmpty()) text(context.getString(R.string.contact_no_address))
            if (state.person.run { address.isNotEmpty() && !isWithheld }) actions(state)
            if (state.past.isNotEmpty()) heading(R.string.tab_recents)
            state.past.forEach { past ->
                put<View>(R.layout.row_past) {
                    setPaddingRelative(0, paddingTop, 0, paddingBottom)
                    PastRow.draw(this, past) {}
                    view<View>(R.id.call).shown = false
                    // Here a message is read in full.
                    view<TextView>(R.id.why).maxLines = Int.MAX_VALUE
                    setOnClickListener { model.on(ContactEvent.Open(past)) }
                }
            }
        }

    override fun dialog(question: Question) =
        if (question.what == Question.What.MESSAGE) context.typeMessage { model.on(ContactEvent.Write(it)) } else null

    private fun Page.line(
        line: Line,
        isOnly: Boolean,
    ) = put<View>(R.layout.row_address) {
        view<TextView>(R.id.address).text = Names.tame(line.address)
        view<TextView>(R.id.reach).text =
            listOfNotNull(
                context.say(line.reach.state),
                line.reach.checkedAt?.let { context.checked(it) },
            ).joinToString(" · ")
        view<View>(R.id.call).run {
            contentDescription = context.getString(R.string.call_someone, Names.isolate(line.address))
            setOnClickListener { model.on(ContactEvent.Call(line.address)) }
        }
        if (!isOnly) setOnClickListener { model.on(ContactEvent.Choose(line.address)) }
    }

    private fun Page.actions(state: ContactState) {
        tonal(R.string.contact_write) { ask(Question(Question.What.MESSAGE)) }
        tonal(R.string.contact_verify) { model.on(ContactEvent.Verify) }
        when (val by = state.standing.allowedBy) {
            null -> link(R.string.contact_allow) { model.on(ContactEvent.Allow) }
            else -> link(R.string.contact_disallow) { model.on(ContactEvent.Disallow) }.text = lifts(R.string.contact_disallow, by, state)
        }
        when (val by = state.standing.blockedBy) {
            null -> danger(R.string.contact_block) { model.on(ContactEvent.Block) }
            else -> link(R.string.contact_unblock) { model.on(ContactEvent.Unblock) }.text = lifts(R.string.contact_unblock, by, state)
        }
    }

    /** A rule may be for more than this person: it says for whom. */
    private fun lifts(
        what: Int,
        by: String,
        state: ContactState,
    ) = context.getString(what) + if (by == state.person.address) "" else ": ${Names.isolate(by)}"
}
