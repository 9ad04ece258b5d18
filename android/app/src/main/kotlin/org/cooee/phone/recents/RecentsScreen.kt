package org.cooee.phone.recents

import android.app.AlertDialog
import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.ListView
import android.widget.TextView
import org.cooee.model.Past
import org.cooee.phone.R
import org.cooee.phone.recents.RecentsEvent.Touch
import org.cooee.phone.screen.Question
import org.cooee.phone.screen.Screen
import org.cooee.phone.screen.Sight
import org.cooee.phone.shown
import org.cooee.phone.view

/** A list of past calls; each leads to its story. */
class RecentsScreen(
    context: Context,
    model: RecentsModel,
) : Screen<RecentsState, RecentsEvent>(model, checkNotNull(LayoutInflater.from(context).inflate(R.layout.recents, null))) {
    private val context = root.context
    private val rows = Rows()

    init {
        root.view<ListView>(R.id.list).run {
            adapter = rows
            setOnItemClickListener { _, _, at, _ -> rows.past.getOrNull(at)?.let { model.on(RecentsEvent.Open(it)) } }
        }
        Sight { model.on(RecentsEvent.Looked(it)) }.watch(root)
        root.view<View>(R.id.forget).setOnClickListener { ask(Question(Question.What.FORGET_PAST)) }
        root.view<View>(R.id.requests).setOnClickListener { model.on(Touch.REQUESTS) }
    }

    override fun draw(state: RecentsState) {
        rows.past = state.past.orEmpty()
        rows.showsNotice = state.past?.isEmpty() == true
        rows.notifyDataSetChanged()
        root.view<View>(R.id.forget).shown = !state.past.isNullOrEmpty()
        root.view<TextView>(R.id.voice_messages).run {
            shown = state.voiceMessages > 0
            text = context.resources.getQuantityString(R.plurals.voice_messages, state.voiceMessages, state.voiceMessages)
        }
        root.view<Button>(R.id.requests).run {
            shown = state.requests > 0
            text = context.resources.getQuantityString(R.plurals.requests, state.requests, state.requests)
        }
    }

    override fun dialog(question: Question): AlertDialog.Builder? =
        AlertDialog
            .Builder(context)
            .setTitle(R.string.recents_forget)
            .setMessage(R.string.recents_forget_sure)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.delete) { _, _ -> model.on(Touch.FORGET) }
            .takeIf { question.what == Question.What.FORGET_PAST }

    private inner class Rows : BaseAdapter() {
        var past = emptyList<Past>()
        var showsNotice = false

        override fun getCount() = if (showsNotice) 1 else past.size

        override fun getItem(position: Int): Any? = past.getOrNull(position)

        override fun getItemId(position: Int) = past.getOrNull(position)?.number ?: -1

        override fun getViewTypeCount() = 2

        override fun getItemViewType(position: Int) = if (showsNotice) 1 else 0

        override fun isEnabled(position: Int) = !showsNotice

        override fun getView(
            position: Int,
            used: View?,
            parent: ViewGroup?,
        ): View {
            val layout = if (showsNotice) R.layout.row_notice else R.layout.row_past
            val view = used ?: checkNotNull(LayoutInflater.from(context).inflate(layout, parent, false))
            if (showsNotice) {
                view.view<TextView>(R.id.text).setText(R.string.recents_empty)
                view.view<View>(R.id.button).shown = false
            } else {
                PastRow.draw(view, past[position]) { model.on(RecentsEvent.Call(past[position])) }
                if (position == past.lastIndex) model.on(Touch.REACHED_END)
            }
            return view
        }
    }
}
