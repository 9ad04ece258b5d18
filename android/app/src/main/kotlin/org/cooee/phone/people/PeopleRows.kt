package org.cooee.phone.people

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.TextView
import org.cooee.model.Names
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
    private var rows = Rows()

    fun draw(state: PeopleState) {
        if (this.state?.copy(text = "", meaning = state.meaning, status = state.status) == state.copy(text = "")) return
        this.state = state
        rows = state.run { Rows(recent, contacts.favourites, contacts.size, mayRead, text.isNotBlank()) }
        notifyDataSetChanged()
    }

    /** These rows are in sight. */
    fun seen(
        first: Int,
        count: Int,
    ) {
        val contacts = rows.contacts(first, count)
        if (!contacts.isEmpty()) on(PeopleEvent.Seen(contacts.first, contacts.last - contacts.first + 1))
    }

    fun open(position: Int) {
        when (val row = rows[position]) {
            is Row.Recent -> on(PeopleEvent.OpenPast(row.past))
            is Row.Contact -> on(PeopleEvent.Open(row.at))
            else -> Unit
        }
    }

    override fun getCount() = rows.count

    override fun getItem(position: Int): Any = rows[position]

    override fun getItemId(position: Int) = position.toLong()

    override fun getViewTypeCount() = LAYOUTS.size

    override fun getItemViewType(position: Int) = LAYOUTS.indexOf(layout(rows[position]))

    override fun areAllItemsEnabled() = false

    override fun isEnabled(position: Int) = rows[position].let { it is Row.Recent || it is Row.Contact }

    private fun layout(row: Row) =
        when (row) {
            is Row.Heading -> R.layout.row_heading
            is Row.Recent -> R.layout.row_past
            is Row.Contact -> R.layout.row_person
            Row.NotAllowed, Row.Nobody -> R.layout.row_notice
        }

    override fun getView(
        position: Int,
        used: View?,
        parent: ViewGroup?,
    ): View {
        val row = rows[position]
        val view = used ?: checkNotNull(LayoutInflater.from(context).inflate(layout(row), parent, false))
        when (row) {
            is Row.Heading -> (view as TextView).setText(heading(row.of))
            is Row.Recent -> PastRow.draw(view, row.past) { on(PeopleEvent.Call(row.past.peer.address)) }
            is Row.Contact -> draw(view, checkNotNull(state).contacts[row.at])
            Row.NotAllowed -> draw(view, R.string.people_not_allowed, R.string.people_allow)
            Row.Nobody -> draw(view, R.string.people_empty, null)
        }
        return view
    }

    private fun heading(part: Part) =
        when (part) {
            Part.RECENT -> R.string.people_recent
            Part.FAVOURITES -> R.string.people_favourites
            Part.ALL -> R.string.people_all
        }

    private fun draw(
        view: View,
        notice: Int,
        button: Int?,
    ) {
        view.view<TextView>(R.id.text).setText(notice)
        view.view<Button>(R.id.button).run {
            shown = button != null
            button?.let(::setText)
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
