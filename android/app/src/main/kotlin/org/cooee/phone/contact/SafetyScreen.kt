package org.cooee.phone.contact

import android.content.Context
import android.util.TypedValue
import android.widget.ImageView
import org.cooee.model.Names
import org.cooee.model.Safety
import org.cooee.phone.R
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Screen

/** Twelve words and a code. */
class SafetyScreen(
    private val context: Context,
    model: SafetyModel,
    private val page: Page = Page(context, context.getString(R.string.contact_verify)) { model.on(SafetyEvent.BACK) },
) : Screen<SafetyState, SafetyEvent>(model, page.root) {
    override fun draw(state: SafetyState) =
        page.draw {
            val name = Names.isolate(Names.of(state.person))
            val safety = state.safety
            when {
                safety != null -> words(safety, name)
                state.read -> text(context.getString(R.string.safety_none, name))
            }
        }

    private fun Page.words(
        safety: Safety,
        name: String,
    ) {
        if (safety.changed) warn(context.getString(R.string.safety_changed, name))
        text(context.getString(R.string.safety_about, name))
        val words = safety.words.chunked(WORDS_A_LINE).joinToString("\n") { it.joinToString("   ") }
        card(words).setTextSize(TypedValue.COMPLEX_UNIT_SP, 18f)
        put<ImageView>(R.layout.piece_code) {
            setImageDrawable(QrCode.draw(safety.code, resources))
            contentDescription = context.getString(R.string.safety_code, name)
        }
        if (safety.verified) {
            line(context.getString(R.string.media_security_verified), R.drawable.state_good)
            link(R.string.safety_forget) { model.on(SafetyEvent.FORGET) }
        } else {
            button(R.string.safety_same) { model.on(SafetyEvent.SAME) }
        }
    }

    private companion object {
        const val WORDS_A_LINE = 3
    }
}
