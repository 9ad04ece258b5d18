package org.cooee.phone.call

import android.annotation.TargetApi
import android.content.Context
import android.os.Build
import android.util.AttributeSet
import android.view.Gravity
import android.widget.Button
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import org.cooee.phone.R
import org.cooee.phone.colour

/** A round control of a call with its word below. Pressed in, it is another colour, and says so. */
class ControlButton(
    context: Context,
    attributes: AttributeSet,
) : LinearLayout(context, attributes) {
    private val icon = ImageView(context)
    private val word = TextView(context)

    init {
        orientation = VERTICAL
        gravity = Gravity.CENTER_HORIZONTAL
        val size = resources.getDimensionPixelSize(R.dimen.control)
        icon.setBackgroundResource(R.drawable.control)
        icon.scaleType = ImageView.ScaleType.CENTER
        icon.imageTintList = context.getColorStateList(R.color.control)
        icon.isDuplicateParentStateEnabled = true
        icon.importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO
        addView(icon, LayoutParams(size, size))
        word.gravity = Gravity.CENTER
        word.setTextColor(context.colour(R.attr.onSurface))
        word.setPadding(0, size / 18, 0, 0)
        word.importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO
        addView(word, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
        val set = context.obtainStyledAttributes(attributes, ATTRIBUTES)
        show(set.getResourceId(ATTRIBUTES.indexOf(android.R.attr.src), 0), set.getText(ATTRIBUTES.indexOf(android.R.attr.text)))
        set.recycle()
    }

    /** With this icon and word. */
    fun show(
        icon: Int,
        text: CharSequence?,
    ) {
        this.icon.setImageResource(icon)
        word.text = text
        contentDescription = text
    }

    /** Pressed in or not, in a colour and in words. */
    fun press(
        pressed: Boolean,
        says: CharSequence?,
    ) {
        isActivated = pressed
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) describe(says)
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun describe(says: CharSequence?) {
        stateDescription = says
    }

    override fun getAccessibilityClassName(): CharSequence = Button::class.java.name

    private companion object {
        /** As they must be asked for: in the order of their numbers. */
        val ATTRIBUTES = intArrayOf(android.R.attr.src, android.R.attr.text).sortedArray()
    }
}
