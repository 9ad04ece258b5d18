package org.cooee.phone

import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.widget.Toast
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Core
import org.cooee.model.Refusal
import org.cooee.model.Surroundings
import org.cooee.phone.contacts.ContactBook
import org.cooee.phone.contacts.Portraits
import org.cooee.phone.notice.Notices
import org.cooee.phone.ring.Ringer
import org.cooee.phone.screen.Teller
import org.cooee.phone.service.Switchboard
import org.cooee.phone.telecom.ChosenCalls
import org.cooee.phone.telecom.OtherCalls
import org.cooee.phone.telecom.PlainCalls
import org.cooee.phone.telecom.SystemCalls
import org.cooee.phone.telecom.TelecomCalls
import org.cooee.phone.telecom.Telecoms
import org.cooee.phone.words.say

/** All that there is one of in the app, for as long as it lives. */
class Phone(
    val context: Context,
    override val core: Core,
    val scope: CoroutineScope,
    reader: CoroutineDispatcher,
) : Teller {
    val preferences = Preferences(context)
    val contacts = ContactBook(context, reader)
    val portraits = Portraits(context, scope, reader)
    val dialler = Dialler(context, core)
    val system = SystemConditions(context)
    val ringer = Ringer(context, preferences)
    val notices = Notices(context)
    val others = OtherCalls(context, core)
    val telecom by lazy { TelecomCalls(context, core, others).also { it.register() } }

    private val plain by lazy { PlainCalls(context, others) }

    /** Who has calls and their sound. */
    val calls: SystemCalls = ChosenCalls(scope) { if (preferences.plainCalls || !Telecoms.work(context)) plain else telecom }
    val switchboard = Switchboard(this, scope)

    private var surroundings = Surroundings()

    /** Networks and power are like this now, or as they were, and what the system allows may be other than before. */
    fun surround(now: Surroundings = surroundings) {
        surroundings = now
        core.setSurroundings(system.allow(now))
    }

    /** Onto the clipboard. */
    fun copy(text: String) {
        context.service<ClipboardManager>().setPrimaryClip(ClipData.newPlainText(context.getString(R.string.app_name), text))
        tell(context.getString(R.string.copied))
    }

    /** Does what the core may refuse, and then says why it did. */
    inline fun trying(act: () -> Unit) {
        try {
            act()
        } catch (refusal: Refusal) {
            tell(refusal)
        }
    }

    override fun tell(refusal: Refusal) = tell(context.say(refusal.why))

    /** Says something that passes, wherever the person is. */
    fun tell(text: CharSequence) = Toast.makeText(context, text, Toast.LENGTH_LONG).show()
}

/** The phone of this app. */
val Context.phone: Phone get() = (applicationContext as CooeeApp).phone
