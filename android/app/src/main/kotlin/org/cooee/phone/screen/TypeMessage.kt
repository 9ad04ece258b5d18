package org.cooee.phone.screen

import android.app.AlertDialog
import android.content.Context
import android.widget.EditText
import org.cooee.phone.R

/** Asks for a short text. */
fun Context.typeMessage(send: (String) -> Unit): AlertDialog.Builder {
    val field =
        EditText(this).apply {
            id = R.id.field
            setHint(R.string.contact_write_hint)
        }
    return AlertDialog
        .Builder(this)
        .setTitle(R.string.contact_write)
        .setView(field)
        .setNegativeButton(R.string.cancel, null)
        .setPositiveButton(R.string.send) { _, _ -> field.text.toString().takeIf { it.isNotBlank() }?.let(send) }
}
