package org.cooee.phone.people

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.TextView
import org.cooee.model.Names
import org.cooee.model.Past
import org.cooee.model.ReachState
import org.cooee.phone.R
import org.cooee.phone.contacts.Contact
import org.cooee.phone.people.PeopleEvent.Touch
import org.cooee.phone.phone
import org.cooee.phone.recents.PastRow
import org.cooee.phone.shown
import org.cooee.phone.view
import org.cooee.phone.words.say

/** The rows of the home: recent calls, favourites, everybody. Contacts are read when their row comes into sight, and their views are used again. */
class PeopleRows(
    private val context: Context,
    private val on: (PeopleEvent) -> Unit,
) : BaseAdapter() {
    private var state: PeopleState? = null
    private var rows = emptyList<Row>()

    /** What stands in front of the contacts, and between them. */
    private sealed interface Row {
        data class Heading(val text: Int) : Row

        data class Recent(val past: Past) : Row

        data class Contacts(
            val from: Int,
            val count: Int,
        ) : Row

        data class Notice(
            val text: Int,
            val button: Int?,
        ) : Row
    }

    fun draw(state: PeopleState) {
        if (this.state?.copy(text = "", meaning = state.meaning, status = state.status) == state.copy(text = "")) return
        this.state = state
        rows = rows(state)
        notifyDataSetChanged()
    }

    private fun rows(state: PeopleState): List<Row> =
        buildList {
            val recent = state.recent.takeIf { state.text.isBlank() }.orEmpty()
            if (recent.isNotEmpty()) add(Row.Heading(R.string.people_recent))
            recent.mapTo(this) { Row.Recent(it) }
            val (favourites, all) = state.contacts.favourites to state.contacts.size
            if (favourites > 0) add(Row.Heading(R.string.people_favourites))
            if (favourites > 0) add(Row.Contacts(0, favourites))
            if (all > favourites) add(Row.Heading(R.string.people_all))
            if (all > favourites) add(Row.Contacts(favourites, all - favourites))
            when {
                !state.mayRead -> add(Row.Notice(R.string.people_not_allowed, R.string.people_allow))
                all == 0 && state.text.isBlank() -> add(Row.Notice(R.string.people_empty, null))
            }
        }

    /** What stands at a place: a row, and which of its contacts. */
    private fun at(position: Int): Pair<Row, Int> {
        var left = position
        for (row in rows) {
            val size = (row as? Row.Contacts)?.count ?: 1
            if (left < size) return row to left
            left -= size
        }
        error("there are $count rows")
    }

    private fun contact(position: Int): Int? = at(position).let { (row, offset) -> (row as? Row.Contacts)?.let { it.from + offset } }

    /** These rows are in sight. */
    fun seen(
        first: Int,
        count: Int,
    ) {
        val contacts = (first until minOf(first + count, this.count)).mapNotNull(::contact)
        if (contacts.isNotEmpty()) on(PeopleEvent.Seen(contacts.first(), contacts.last() - contacts.first() + 1))
    }

    fun open(position: Int) {
        val (row, _) = at(position)
        when (row) {
            is Row.Recent -> on(PeopleEvent.OpenPast(row.past))
            is Row.Contacts -> contact(position)?.let { on(PeopleEvent.Open(it)) }
            is Row.Heading, is Row.Notice -> Unit
        }
    }

    override fun getCount() = rows.sumOf { (it as? Row.Contacts)?.count ?: 1 }

    override fun getItem(position: Int): Any = at(position)

    override fun getItemId(position: Int) = position.toLong()

    override fun getViewTypeCount() = LAYOUTS.size

    override fun getItemViewType(position: Int) = LAYOUTS.indexOf(layout(at(position).first))

    override fun areAllItemsEnabled() = false

    override fun isEnabled(position: Int) = at(position).first.let { it is Row.Recent || it is Row.Contacts }

    private fun layout(row: Row) =
        when (row) {
            is Row.Heading -> R.layout.row_heading
            is Row.Recent -> R.layout.row_past
            is Row.Contacts -> R.layout.row_person
            is Row.Notice -> R.layout.row_notice
        }

    override fun getView(
        position: Int,
        used: View?,
        parent: ViewGroup?,
    ): View {
        val (row, _) = at(position)
        val view = used ?: checkNotNull(LayoutInflater.from(context).inflate(layout(row), parent, false))
        when (row) {
            is Row.Heading -> (view as TextView).setText(row.text)
            is Row.Recent -> PastRow.draw(view, row.past) { on(PeopleEvent.Call(row.past.peer.address)) }
            is Row.Contacts -> draw(view, checkNotNull(state).contacts[checkNotNull(contact(position))])
            is Row.Notice -> draw(view, row)
        }
        return view
    }

    private fun draw(
        view: View,
        notice: Row.Notice,
    ) {
        view.view<TextView>(R.id.text).setText(notice.text)
        view.view<Button>(R.id.button).run {
            shown = notice.button != null
            notice.button?.let(::setText)
            setOnClickListener { on(Touch.ALLOW_CONTACTS) }
        }
    }

    private fun draw(
        view: View,
        contact: Contact,
    ) {
        val line = state?.lines?.get(contact.id)
        val name = Names.tame(contact.name)
        context.phone.portraits.show(view.view(R.id.avatar), name, contact.photo)
        view.view<TextView>(R.id.name).text = name
        view.view<TextView>(R.id.address).run {
            text = line?.address?.let(Names::tame).orEmpty()
            shown = line != null
        }
        view.view<TextView>(R.id.reach).run {
            val reach = line?.reach?.state
            shown = reach != null && reach != ReachState.UNKNOWN
            if (reach != null) {
                text = context.say(reach)
                setCompoundDrawablesRelativeWithIntrinsicBounds(Badge.of(reach), 0, 0, 0)
            }
        }
        view.view<View>(R.id.call).run {
            shown = line != null
            contentDescription = context.getString(R.string.call_someone, Names.isolate(name))
            setOnClickListener { line?.let { on(PeopleEvent.Call(it.address)) } }
        }
    }

    private companion object {
        val LAYOUTS = listOf(R.layout.row_heading, R.layout.row_past, R.layout.row_person, R.layout.row_notice)
    }
}
