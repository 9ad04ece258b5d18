package org.cooee.phone.call

import android.app.AlertDialog
import android.content.Context
import android.text.InputType
import android.widget.EditText
import org.cooee.model.Call
import org.cooee.model.Detail
import org.cooee.phone.R
import org.cooee.phone.screen.typeMessage
import org.cooee.phone.telecom.Routes
import org.cooee.phone.words.Names
import org.cooee.phone.words.say
import org.cooee.phone.words.who

/** What a call asks back. */
class CallDialogs(
    private val context: Context,
    private val on: (CallEvent) -> Unit,
    private val asOwner: (() -> Unit) -> Unit,
) {
    /** Hands the call over: to whom is typed, or to the other call. */
    fun transfer(
        call: Call,
        other: Call?,
    ) {
        val field =
            EditText(context).apply {
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
                on(CallEvent.Of(call.id, CallEvent.Join))
            }
        }
        dialog.show()
    }

    /** What to write in place of answering: something that is often meant, or what is typed. */
    fun write(call: Call) {
        val often = listOf(R.string.reply_later, R.string.reply_minute, R.string.reply_write).map(context::getString)
        AlertDialog
            .Builder(context)
            .setTitle(R.string.contact_write)
            .setItems(often.toTypedArray()) { _, at ->
                if (at < often.lastIndex) {
                    on(CallEvent.Of(call.id, CallEvent.Reply(often[at])))
                } else {
                    asOwner { context.typeMessage { on(CallEvent.Of(call.id, CallEvent.Write(it))) } }
                }
            }
            .setNegativeButton(R.string.cancel, null)
            .show()
    }

    /** Where the sound goes. */
    fun routes(routes: Routes) {
        val names = routes.available.map { context.getString(RouteWords.choice(it)) }
        AlertDialog
            .Builder(context)
            .setTitle(R.string.route_title)
            .setSingleChoiceItems(names.toTypedArray(), routes.available.indexOf(routes.current)) { dialog, chosen ->
                on(CallEvent.To(routes.available[chosen]))
                dialog.dismiss()
            }.show()
    }

    /** For who wants to know. */
    fun details(call: Call) {
        val lines = call.details.map { "${context.getString(name(it.kind))}: ${it.value}" }
        AlertDialog
            .Builder(context)
            .setTitle(R.string.details)
            .setMessage((listOfNotNull(call.security?.let { context.say(it) }) + lines).joinToString("\n"))
            .setPositiveButton(R.string.close, null)
            .show()
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
