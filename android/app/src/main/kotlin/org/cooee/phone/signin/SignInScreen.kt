package org.cooee.phone.signin

import android.content.Context
import android.graphics.Typeface
import android.view.LayoutInflater
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import org.cooee.model.NewAccount
import org.cooee.phone.R
import org.cooee.phone.screen.Screen
import org.cooee.phone.shown
import org.cooee.phone.signin.SignInEvent.Touch
import org.cooee.phone.view
import org.cooee.phone.words.say

/** Address and password, and two text links. */
class SignInScreen(
    private val context: Context,
    model: SignInModel,
    address: String? = null,
) : Screen<SignInState, SignInEvent>(model, ScrollView(context)) {
    init {
        LayoutInflater.from(context).inflate(R.layout.sign_in, root as ScrollView)
        address?.let { root.view<EditText>(R.id.address).setText(it) }
        // The framework gives passwords another type, their hint too.
        root.view<EditText>(R.id.password).typeface = Typeface.DEFAULT
        root.view<EditText>(R.id.password).setOnEditorActionListener { _, action, _ ->
            (action == EditorInfo.IME_ACTION_GO).also { if (it) signIn() }
        }
        root.view<View>(R.id.sign_in).setOnClickListener { signIn() }
        root.view<View>(R.id.trust).setOnClickListener { model.on(Touch.TRUST) }
        root.view<View>(R.id.distrust).setOnClickListener { model.on(Touch.DISTRUST) }
        root.view<View>(R.id.provider).setOnClickListener { model.on(Touch.MORE) }
        root.view<View>(R.id.where).setOnClickListener { model.on(Touch.WHERE) }
    }

    private fun signIn() {
        val typed = { id: Int -> root.view<EditText>(id).text.toString() }
        val plain = { id: Int -> typed(id).trim() }
        val account = NewAccount(plain(R.id.address), typed(R.id.password), plain(R.id.proxy), plain(R.id.login), plain(R.id.pin))
        model.on(SignInEvent.SignIn(account))
    }

    override fun draw(state: SignInState) {
        root.view<View>(R.id.more).shown = state.more
        root.view<View>(R.id.where_text).shown = state.where
        root.view<TextView>(R.id.trouble).run {
            shown = state.trouble != null
            text = state.trouble?.let { context.say(it) }
        }
        root.view<View>(R.id.question).shown = state.question != null
        root.view<Button>(R.id.sign_in).run {
            shown = state.question == null
            isEnabled = !state.busy
            setText(if (state.busy) R.string.sign_in_busy else R.string.sign_in)
        }
    }
}
