package org.cooee.phone.recents

import android.graphics.Typeface
import android.view.View
import android.widget.ImageView
import android.widget.TextView
import org.cooee.model.Names
import org.cooee.model.Past
import org.cooee.phone.R
import org.cooee.phone.colour
import org.cooee.phone.shown
import org.cooee.phone.view
import org.cooee.phone.words.day
import org.cooee.phone.words.length
import org.cooee.phone.words.sayShortly
import org.cooee.phone.words.who

/** A past call or message in a list: who, why it ended, when. */
object PastRow {
    fun draw(
        view: View,
        past: Past,
        call: () -> Unit,
    ) {
        val context = checkNotNull(view.context)
        val name = context.who(past.peer)
        view.view<ImageView>(R.id.direction).run {
            setImageResource(icon(past))
            setColorFilter(context.colour(if (past.missed || past.failed) R.attr.danger else R.attr.onSurfaceVariant))
        }
        view.view<TextView>(R.id.name).run {
            text = if (past.times > 1) context.getString(R.string.recents_times, Names.isolate(name), past.times) else name
            typeface = if (past.isNew) Typeface.DEFAULT_BOLD else Typeface.DEFAULT
        }
        view.view<TextView>(R.id.why).run {
            text = listOfNotNull(past.text?.let(Names::whole), past.why?.let { context.sayShortly(it) }).joinToString("\n")
            shown = text.isNotEmpty()
        }
        view.view<TextView>(R.id.time).text =
            listOfNotNull(
                direction(past).let(context::getString),
                fresh(past)?.let(context::getString),
                context.day(past.at),
                past.seconds?.let(::length),
            ).joinToString(" · ")
        view.view<View>(R.id.call).run {
            shown = !past.peer.isWithheld
            contentDescription = context.getString(R.string.call_someone, Names.isolate(name))
            setOnClickListener { call() }
        }
    }

    private fun fresh(past: Past) = if (past.isNew) R.string.recents_new else null

    private fun icon(past: Past) =
        when {
            past.text != null -> R.drawable.ic_message
            past.missed -> R.drawable.ic_missed
            past.incoming -> R.drawable.ic_incoming
            else -> R.drawable.ic_outgoing
        }

    private fun direction(past: Past) =
        when {
            past.failed -> R.string.recents_message_failed
            past.text != null -> if (past.incoming) R.string.recents_message else R.string.recents_message_sent
            past.missed -> R.string.recents_missed
            past.incoming -> R.string.recents_incoming
            else -> R.string.recents_outgoing
        }
}
