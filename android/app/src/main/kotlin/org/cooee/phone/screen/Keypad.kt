package org.cooee.phone.screen

import android.view.LayoutInflater
import android.view.ViewGroup
import android.widget.Button
import org.cooee.phone.R
import org.cooee.phone.shown

/** The twelve keys of a telephone. */
class Keypad(
    private val grid: ViewGroup,
    private val pressed: (Char) -> Unit,
) {
    init {
        val context = checkNotNull(grid.context)
        for (sign in "123456789*0#") {
            val key = checkNotNull(LayoutInflater.from(context).inflate(R.layout.key, grid, false)) as Button
            key.text = sign.toString()
            when (sign) {
                '*' -> key.contentDescription = context.getString(R.string.key_star)
                '#' -> key.contentDescription = context.getString(R.string.key_hash)
            }
            key.setOnClickListener { pressed(sign) }
            if (sign == '0') key.setOnLongClickListener { true.also { pressed('+') } }
            grid.addView(key)
        }
    }

    var shown: Boolean
        get() = grid.shown
        set(shown) {
            grid.shown = shown
        }
}
