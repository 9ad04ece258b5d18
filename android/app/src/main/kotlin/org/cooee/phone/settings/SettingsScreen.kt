package org.cooee.phone.settings

import android.app.Activity
import android.app.AlertDialog
import android.content.Context
import android.os.Build
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.Condition
import org.cooee.model.Names
import org.cooee.model.WhoRings
import org.cooee.phone.R
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Question
import org.cooee.phone.screen.Screen
import org.cooee.phone.screen.Sight
import org.cooee.phone.settings.SettingsEvent.Touch
import org.cooee.phone.words.say

/** "Can I be reached?" first; then accounts and switches. */
class SettingsScreen(
    private val context: Context,
    model: SettingsModel,
    private val page: Page = Page(context, context.getString(R.string.tab_settings)),
) : Screen<SettingsState, SettingsEvent>(model, page.root) {
    init {
        Sight { isSeen -> if (isSeen) model.on(Touch.RETURNED) }.watch(root)
    }

    override fun draw(state: SettingsState) =
        page.draw {
            heading(R.string.settings_reach)
            state.status.conditions.forEach { condition(it) }
            test(state)
            heading(R.string.settings_accounts)
            state.status.accounts.forEach { account(it) }
            tonal(R.string.settings_my_address) { model.on(Touch.MY_ADDRESS) }
            link(R.string.settings_add_account) { model.on(Touch.ADD_ACCOUNT) }
            switches(state)
        }

    private fun Page.condition(condition: Condition) {
        val what = context.say(condition.what)
        val text = condition.beside?.let { context.getString(R.string.settings_line, what, context.say(it)) } ?: what
        val button = R.string.mend.takeIf { condition.mend != null }
        line(text, if (condition.met) R.drawable.state_good else R.drawable.state_bad, button) {
            condition.mend?.let { model.on(SettingsEvent.Mend(it)) }
        }
    }

    /** A call to oneself, at once or when the phone may sleep. */
    private fun Page.test(state: SettingsState) {
        val tested = state.tested
        if (state.tests) {
            card(context.getString(R.string.settings_test_runs))
        } else if (tested != null) {
            card(listOfNotNull(tested.proof, tested.why).joinToString(". ") { context.say(it) })
        }
        tonal(R.string.settings_test) { model.on(SettingsEvent.Test(0)) }
        link(R.string.settings_test_later) { model.on(SettingsEvent.Test(LATER_S)) }
    }

    private fun Page.account(account: Account) {
        val failed = account.state as? AccountState.Failed
        val icon = if (account.state is AccountState.Ready) R.drawable.state_good else R.drawable.state_bad
        line(Names.tame(account.address), icon, R.string.sign_out) { ask(Question(Question.What.SIGN_OUT, account.id)) }
        failed?.let { warn(context.say(it.why)) }
        failed?.authority?.let { tonal(R.string.settings_trust) { ask(Question(Question.What.TRUST, account.id)) } }
        val waiting = account.voiceMessages ?: 0
        if (waiting > 0) small(context.resources.getQuantityString(R.plurals.voice_messages, waiting, waiting))
    }

    private fun Page.switches(state: SettingsState) {
        heading(R.string.settings_calls)
        line(context.getString(R.string.settings_who_rings, context.say(state.status.whoRings)), 0, R.string.change) {
            ask(Question(Question.What.WHO_RINGS))
        }
        switch(R.string.settings_disturb, state.status.doNotDisturb) { model.on(SettingsEvent.DoNotDisturb(it)) }
        small(context.getString(R.string.settings_disturb_about))
        switch(R.string.settings_anonymous, state.status.rejectAnonymous) { model.on(SettingsEvent.RejectAnonymous(it)) }
        line(context.getString(R.string.settings_ringtone), 0, R.string.change) { model.on(Touch.RINGTONE) }
        switch(R.string.settings_low_data, state.status.lowData) { model.on(SettingsEvent.LowData(it)) }
        small(context.getString(R.string.settings_low_data_about))
        switch(R.string.settings_plain, state.plainCalls) { model.on(SettingsEvent.PlainCalls(it)) }
        small(context.getString(R.string.settings_plain_about))
        tonal(R.string.settings_requests) { model.on(Touch.REQUESTS) }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            heading(R.string.settings_look)
            switch(R.string.settings_colours, state.systemColours) { on ->
                model.on(SettingsEvent.SystemColours(on))
                (context as Activity).recreate()
            }
        }
    }

    override fun dialog(question: Question) =
        when (question.what) {
            Question.What.WHO_RINGS -> chooseWhoRings(model.state.value.status.whoRings)
            Question.What.SIGN_OUT -> account(question)?.let(::confirm)
            Question.What.TRUST -> account(question)?.let(::compare)
            else -> null
        }

    private fun account(question: Question) = model.state.value.status.accounts.firstOrNull { it.id == question.about }

    private fun chooseWhoRings(now: WhoRings) =
        AlertDialog
            .Builder(context)
            .setTitle(R.string.ring_condition_strangers)
            .setSingleChoiceItems(WhoRings.entries.map { context.say(it) }.toTypedArray(), now.ordinal) { dialog, chosen ->
                model.on(SettingsEvent.Rings(WhoRings.entries[chosen]))
                dialog.dismiss()
            }.setNegativeButton(R.string.cancel, null)

    /** None if it has come in meanwhile. */
    private fun compare(account: Account): AlertDialog.Builder? {
        val failed = account.state as? AccountState.Failed
        val authority = failed?.authority ?: return null
        return AlertDialog
            .Builder(context)
            .setTitle(R.string.settings_trust)
            .setMessage("${context.say(failed.why.what)}\n\n${context.getString(R.string.sign_in_compare)}")
            .setNegativeButton(R.string.sign_in_distrust, null)
            .setPositiveButton(R.string.sign_in_trust) { _, _ -> model.on(SettingsEvent.Trust(account.id, authority)) }
    }

    private fun confirm(account: Account) =
        AlertDialog
            .Builder(context)
            .setTitle(context.getString(R.string.sign_out_title, Names.isolate(account.address)))
            .setMessage(R.string.sign_out_sure)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.sign_out) { _, _ -> model.on(SettingsEvent.SignOut(account.id)) }

    private companion object {
        /** Long enough for a phone in a pocket to sleep. */
        const val LATER_S = 60
    }
}
