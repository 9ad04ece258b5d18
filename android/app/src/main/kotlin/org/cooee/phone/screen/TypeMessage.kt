package org.cooee.phone.screen

import android.app.AlertDialog
import android.content.Context
import android.widget.EditText
import org.cooee.phone.R

/** Asks for a short text. */
fun Context.typeMessage(send: (String) -> Unit) {
    val field = EditText(this).apply { setHint(R.string.contact_write_hint) }
    AlertDialog
        .Builder(this)
        .setTitle(R.string.contact_write)
        .setView(field)
        .setNegativeButton(R.string.cancel, null)
        .setPositiveButton(R.string.send) { _, _ -> send(field.text.toString()) }
        .show()
}
