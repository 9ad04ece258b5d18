package org.cooee.phone.people

import android.content.Context
import android.text.Editable
import android.text.TextWatcher
import android.view.LayoutInflater
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.AbsListView
import android.widget.Button
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import org.cooee.model.Names
import org.cooee.model.Reach
import org.cooee.model.ReachState
import org.cooee.model.Status
import org.cooee.model.Understanding
import org.cooee.phone.Dialler
import org.cooee.phone.R
import org.cooee.phone.people.PeopleEvent.Touch
import org.cooee.phone.screen.Keypad
import org.cooee.phone.screen.Screen
import org.cooee.phone.shown
import org.cooee.phone.view
import org.cooee.phone.words.checked
import org.cooee.phone.words.say

/** The home of the app. */
class PeopleScreen(
    context: Context,
    model: PeopleModel,
    private val dialler: Dialler,
) : Screen<PeopleState, PeopleEvent>(model, checkNotNull(LayoutInflater.from(context).inflate(R.layout.people, null))) {
    private val context = root.context
    private val field: EditText = root.view(R.id.field)
    private val call: Button = root.view(R.id.call)
    private val rows = PeopleRows(context, model::on)
    private val keypad = Keypad(root.view(R.id.keypad), plus = true) { model.on(PeopleEvent.Key(it)) }

    init {
        root.view<TextView>(R.id.status).setOnClickListener { model.on(Touch.OPEN_STATUS) }
        root.view<View>(R.id.clear).setOnClickListener { model.on(PeopleEvent.Typed("")) }
        root.view<View>(R.id.keys).setOnClickListener { model.on(Touch.KEYPAD) }
        call.setOnClickListener { callTyped() }
        field.addTextChangedListener(Typing { model.on(PeopleEvent.Typed(it)) })
        field.setOnEditorActionListener { _, action, _ -> (action == EditorInfo.IME_ACTION_GO).also { if (it) callTyped() } }
        root.view<ListView>(R.id.list).apply {
            adapter = rows
            setOnItemClickListener { _, _, at, _ -> rows.open(at) }
            setOnScrollListener(Looking { first, count -> rows.seen(first, count) })
        }
    }

    private fun callTyped() {
        val meaning = model.state.value.meaning as? Understanding.Somebody ?: return
        if (meaning.byTelephone) {
            dialler.telephone(meaning.address)
        } else if (meaning.callable) {
            model.on(Touch.CALL_TYPED)
        }
    }

    override fun draw(state: PeopleState) {
        drawStatus(state.status)
        if (field.text.toString() != state.text) {
            field.setText(state.text)
            field.setSelection(state.text.length)
        }
        root.view<View>(R.id.clear).shown = state.text.isNotEmpty()
        drawMeaning(state)
        keypad.shown = state.keypad
        root.view<View>(R.id.keys).isActivated = state.keypad
        rows.draw(state)
    }

    private fun drawStatus(status: Status) =
        root.view<TextView>(R.id.status).run {
            text = context.say(status)
            val isWell = status.canCall && status.failing == null
            setCompoundDrawablesRelativeWithIntrinsicBounds(if (isWell) R.drawable.ic_mark else R.drawable.ic_warning, 0, 0, 0)
        }

    private fun drawMeaning(state: PeopleState) {
        val meaning = state.meaning
        root.view<TextView>(R.id.explanation).run {
            text =
                when (meaning) {
                    is Understanding.Somebody -> (meaning.says.map { context.say(it) } + known(meaning.reach)).joinToString(" · ")
                    is Understanding.Nobody -> meaning.why?.let { context.say(it) }.orEmpty()
                }
            shown = text.isNotEmpty() && state.text.isNotBlank()
        }
        val somebody = (meaning as? Understanding.Somebody).takeIf { state.text.isNotBlank() }
        call.shown = somebody != null
        call.isEnabled = somebody != null && (somebody.callable || somebody.byTelephone)
        call.setText(if (somebody?.byTelephone == true) R.string.call_by_telephone else R.string.call)
        call.contentDescription = somebody?.let { context.getString(R.string.call_someone, Names.isolate(it.address)) }
    }

    /** What is known of the address, and since when. */
    private fun known(reach: Reach) =
        if (reach.state == ReachState.UNKNOWN) {
            emptyList()
        } else {
            listOfNotNull(context.say(reach.state), reach.checkedAt?.let { context.checked(it) })
        }

    override val hasBack get() = model.state.value.run { keypad || text.isNotEmpty() }

    override fun back() = model.on(if (model.state.value.keypad) Touch.KEYPAD else PeopleEvent.Typed(""))
}

/** Tells what is typed. */
private class Typing(private val typed: (String) -> Unit) : TextWatcher {
    override fun beforeTextChanged(
        text: CharSequence?,
        start: Int,
        count: Int,
        after: Int,
    ) = Unit

    override fun onTextChanged(
        text: CharSequence?,
        start: Int,
        before: Int,
        count: Int,
    ) = Unit

    override fun afterTextChanged(text: Editable?) = typed(text.toString())
}

/** Tells what comes into sight. */
private class Looking(private val seen: (first: Int, count: Int) -> Unit) : AbsListView.OnScrollListener {
    override fun onScrollStateChanged(
        list: AbsListView?,
        state: Int,
    ) = Unit

    override fun onScroll(
        list: AbsListView?,
        first: Int,
        count: Int,
        total: Int,
    ) = seen(first, count)
}
