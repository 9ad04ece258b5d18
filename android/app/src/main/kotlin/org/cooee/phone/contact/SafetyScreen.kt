package org.cooee.phone.contact

import android.app.AlertDialog
import android.content.Context
import android.util.TypedValue
import android.widget.ImageView
import org.cooee.model.Names
import org.cooee.model.Safety
import org.cooee.phone.R
import org.cooee.phone.contact.SafetyEvent.Touch
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Screen

/** Twelve words and a code. */
class SafetyScreen(
    private val context: Context,
    model: SafetyModel,
    private val page: Page = Page(context, context.getString(R.string.contact_verify)) { model.on(Touch.BACK) },
) : Screen<SafetyState, SafetyEvent>(model, page.root) {
    private var scanner: AlertDialog? = null

    override fun draw(state: SafetyState) {
        page.draw {
            val name = Names.isolate(Names.of(state.person))
            val safety = state.safety
            when {
                safety != null -> words(safety, name, state.differs)
                state.read -> text(context.getString(R.string.safety_none, name))
            }
        }
        if (state.scanning == Scanning.NO) scanner = null
        if (state.scanning == Scanning.LOOKING && scanner == null) scanner = Scanner.show(context) { model.on(SafetyEvent.Scanned(it)) }
    }

    override fun settled() = model.on(Touch.SETTLED)

    override fun leave() {
        super.leave()
        scanner?.dismiss()
    }

    private fun Page.words(
        safety: Safety,
        name: String,
        differs: Boolean,
    ) {
        if (differs) warn(context.getString(R.string.safety_differs, name))
        if (safety.changed) warn(context.getString(R.string.safety_changed, name))
        text(context.getString(R.string.safety_about, name))
        val words = safety.words.chunked(WORDS_A_LINE).joinToString("\n") { it.joinToString("   ") }
        card(words).setTextSize(TypedValue.COMPLEX_UNIT_SP, 18f)
        put<ImageView>(R.layout.piece_code) {
            setImageDrawable(QrCode.draw(safety.code, resources))
            contentDescription = context.getString(R.string.safety_code, name)
        }
        if (Scanner.isPossible(context)) tonal(R.string.safety_scan) { model.on(Touch.SCAN) }
        if (safety.verified) {
            line(context.getString(R.string.media_security_verified), R.drawable.state_good)
            link(R.string.safety_forget) { model.on(Touch.FORGET) }
        } else {
            button(R.string.safety_same) { model.on(Touch.SAME) }
        }
    }

    private companion object {
        const val WORDS_A_LINE = 3
    }
}
