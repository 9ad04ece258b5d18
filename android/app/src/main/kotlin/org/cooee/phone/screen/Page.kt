package org.cooee.phone.screen

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.LinearLayout
import android.widget.Switch
import android.widget.TextView
import org.cooee.model.Names
import org.cooee.model.Person
import org.cooee.phone.R
import org.cooee.phone.all
import org.cooee.phone.phone
import org.cooee.phone.shown
import org.cooee.phone.view
import org.cooee.phone.words.who

/** A page that is put together of pieces, one below the other. Drawn anew, it stays where it was scrolled to. */
class Page(
    context: Context,
    title: CharSequence,
    back: (() -> Unit)? = null,
) {
    val root: View = checkNotNull(LayoutInflater.from(context).inflate(R.layout.page, null))
    private val content = root.view<LinearLayout>(R.id.content)
    private val context get() = content.context

    init {
        root.view<TextView>(R.id.title).text = title
        root.view<View>(R.id.back).apply {
            shown = back != null
            setOnClickListener { back?.invoke() }
        }
    }

    /** Draws it anew. Whoever is at a piece by keys, or listens to it, stays there. */
    fun draw(pieces: Page.() -> Unit) {
        val before = content.all()
        val (at, heard) = before.indexOfFirst { it.isFocused } to before.indexOfFirst { it.isAccessibilityFocused }
        content.removeAllViews()
        pieces()
        val now = content.all()
        now.getOrNull(at)?.requestFocus()
        now.getOrNull(heard)?.performAccessibilityAction(AccessibilityNodeInfo.ACTION_ACCESSIBILITY_FOCUS, null)
    }

    fun heading(text: Int) = put<TextView>(R.layout.piece_heading) { setText(text) }

    fun text(text: CharSequence) = put<TextView>(R.layout.piece_text) { this.text = text }

    fun small(text: CharSequence) = put<TextView>(R.layout.piece_small) { this.text = text }

    fun card(text: CharSequence) = put<TextView>(R.layout.piece_card) { this.text = text }

    fun warn(text: CharSequence) = put<TextView>(R.layout.piece_warn) { this.text = text }

    fun button(
        text: Int,
        touched: () -> Unit,
    ) = touch(R.layout.piece_button, text, touched)

    fun tonal(
        text: Int,
        touched: () -> Unit,
    ) = touch(R.layout.piece_tonal, text, touched)

    fun link(
        text: Int,
        touched: () -> Unit,
    ) = touch(R.layout.piece_link, text, touched)

    fun danger(
        text: Int,
        touched: () -> Unit,
    ) = touch(R.layout.piece_danger, text, touched)

    private fun touch(
        layout: Int,
        text: Int,
        touched: () -> Unit,
    ) = put<Button>(layout) {
        setText(text)
        setOnClickListener { touched() }
    }

    fun switch(
        text: Int,
        on: Boolean,
        turned: (Boolean) -> Unit,
    ) = put<Switch>(R.layout.piece_switch) {
        setText(text)
        isChecked = on
        setOnClickListener { turned(isChecked) }
    }

    /** A line with an icon for its state, and a button if there is something to do. */
    fun line(
        text: CharSequence,
        icon: Int,
        button: Int? = null,
        touched: () -> Unit = {},
    ) = put<View>(R.layout.piece_line) {
        view<TextView>(R.id.text).apply {
            this.text = text
            setCompoundDrawablesRelativeWithIntrinsicBounds(icon, 0, 0, 0)
        }
        view<Button>(R.id.button).apply {
            shown = button != null
            button?.let(::setText)
            setOnClickListener { touched() }
        }
    }

    /** Somebody, large. */
    fun person(
        person: Person,
        photo: String? = null,
    ) = put<View>(R.layout.piece_person) {
        val who = checkNotNull(context).who(person)
        context.phone.portraits.show(view(R.id.avatar), who, photo)
        view<TextView>(R.id.name).text = who
        view<TextView>(R.id.address).apply {
            text = Names.tame(person.address)
            shown = text.toString() != who && !person.isWithheld
        }
    }

    fun <V : View> put(
        layout: Int,
        fill: V.() -> Unit,
    ): V {
        @Suppress("UNCHECKED_CAST")
        val piece = LayoutInflater.from(context).inflate(layout, content as ViewGroup, false) as V
        piece.fill()
        content.addView(piece)
        return piece
    }
}
