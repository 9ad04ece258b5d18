package org.cooee.phone.call

import android.app.AlertDialog
import android.content.Context
import android.text.InputType
import android.widget.EditText
import org.cooee.model.Call
import org.cooee.model.Detail
import org.cooee.model.Names
import org.cooee.phone.R
import org.cooee.phone.call.CallEvent.OwnersTouch
import org.cooee.phone.screen.Question
import org.cooee.phone.screen.Question.What
import org.cooee.phone.screen.typeMessage
import org.cooee.phone.telecom.Routes
import org.cooee.phone.words.say
import org.cooee.phone.words.who

/** What a call asks back. */
class CallDialogs(
    private val context: Context,
    private val on: (CallEvent) -> Unit,
    private val asOwner: (() -> Unit) -> Unit,
    private val ask: (Question) -> Unit,
) {
    /** None if the call is over. */
    fun of(
        question: Question,
        state: CallScreenState,
    ): AlertDialog.Builder? {
        val call = listOfNotNull(state.call, state.other).firstOrNull { it.id == question.about } ?: return null
        return when (question.what) {
            What.ROUTE -> routes(state.routes)
            What.TRANSFER -> transfer(call, state.other)
            What.REPLY -> reply(call)
            What.MESSAGE -> context.typeMessage { on(CallEvent.Of(call.id, CallEvent.Write(it))) }
            What.DETAILS -> details(call)
            else -> null
        }
    }

    /** Hands the call over: to whom is typed, or to the other call. */
    private fun transfer(
        call: Call,
        other: Call?,
    ): AlertDialog.Builder {
        val field =
            EditText(context).apply {
                id = R.id.field
                setHint(R.string.people_hint)
                inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_EMAIL_ADDRESS
            }
        val dialog =
            AlertDialog
                .Builder(context)
                .setTitle(R.string.call_transfer)
                .setMessage(R.string.call_transfer_about)
                .setView(field)
                .setNegativeButton(R.string.cancel, null)
                .setPositiveButton(R.string.call_transfer) { _, _ -> on(CallEvent.Of(call.id, CallEvent.Transfer(field.text.toString()))) }
        if (other != null) {
            dialog.setNeutralButton(context.getString(R.string.call_join, Names.isolate(context.who(other)))) { _, _ ->
                on(CallEvent.Of(call.id, OwnersTouch.JOIN))
            }
        }
        return dialog
    }

    /** What to write in place of answering: something that is often meant, or what is typed. */
    private fun reply(call: Call): AlertDialog.Builder {
        val often = listOf(R.string.reply_later, R.string.reply_minute, R.string.reply_write).map(context::getString)
        return AlertDialog
            .Builder(context)
            .setTitle(R.string.contact_write)
            .setItems(often.toTypedArray()) { _, at ->
                if (at < often.lastIndex) {
                    on(CallEvent.Of(call.id, CallEvent.Reply(often[at])))
                } else {
                    asOwner { ask(Question(What.MESSAGE, call.id)) }
                }
            }
            .setNegativeButton(R.string.cancel, null)
    }

    /** Where the sound goes. */
    private fun routes(routes: Routes): AlertDialog.Builder {
        val names = routes.available.map { context.getString(RouteWords.choice(it)) }
        return AlertDialog
            .Builder(context)
            .setTitle(R.string.route_title)
            .setSingleChoiceItems(names.toTypedArray(), routes.available.indexOf(routes.current)) { dialog, chosen ->
                on(CallEvent.To(routes.available[chosen]))
                dialog.dismiss()
            }
    }

    /** For who wants to know. */
    private fun details(call: Call): AlertDialog.Builder {
        val lines = call.details.map { "${context.getString(name(it.kind))}: ${it.value}" }
        return AlertDialog
            .Builder(context)
            .setTitle(R.string.details)
            .setMessage((listOfNotNull(call.security?.let { context.say(it) }) + lines).joinToString("\n"))
            .setPositiveButton(R.string.close, null)
    }

    private fun name(kind: Detail.Kind) =
        when (kind) {
            Detail.Kind.CODEC -> R.string.detail_codec
            Detail.Kind.CIPHER -> R.string.detail_cipher
            Detail.Kind.LOCAL -> R.string.detail_local
            Detail.Kind.REMOTE -> R.string.detail_remote
            Detail.Kind.LOSS -> R.string.detail_loss
            Detail.Kind.ROUND_TRIP -> R.string.detail_round_trip
            Detail.Kind.JITTER -> R.string.detail_jitter
        }
}
