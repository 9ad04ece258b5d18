package org.cooee.phone.screen

import android.view.LayoutInflater
import android.view.ViewGroup
import android.widget.Button
import org.cooee.phone.R
import org.cooee.phone.shown

/** The twelve keys of a telephone; [plus]: 0 held is the sign that numbers of other countries begin with. */
class Keypad(
    private val grid: ViewGroup,
    plus: Boolean = false,
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
            if (plus && sign == '0') key.setOnLongClickListener { true.also { pressed('+') } }
            grid.addView(key)
        }
    }

    var shown: Boolean
        get() = grid.shown
        set(shown) {
            grid.shown = shown
        }
}
