package org.cooee.phone.settings

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Mend
import org.cooee.phone.Phone
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import org.cooee.phone.settings.SettingsEvent.Touch

/** Whether one can be reached, and what people rightly differ in. */
class SettingsModel(
    scope: CoroutineScope,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<SettingsState, SettingsEvent>(read(phone), phone, scope) {
    init {
        core.status.follow { again() }
        phone.switchboard.tested.follow { again() }
    }

    override fun take(event: SettingsEvent) {
        when (event) {
            is SettingsEvent.Mend -> mend(event.what)
            is SettingsEvent.DoNotDisturb -> core.setDoNotDisturb(event.on)
            is SettingsEvent.RejectAnonymous -> core.setRejectAnonymous(event.on)
            is SettingsEvent.LowData -> core.setLowData(event.on)
            is SettingsEvent.Rings -> core.setWhoRings(event.who)
            is SettingsEvent.Test -> phone.switchboard.testRinging(event.after)
            Touch.RINGTONE -> navigator.pickRingtone()
            is SettingsEvent.SystemColours -> phone.preferences.systemColours = event.on
            is SettingsEvent.PlainCalls -> phone.preferences.plainCalls = event.on
            is SettingsEvent.SignOut -> core.signOut(event.account)
            is SettingsEvent.Trust -> trying { core.trust(event.account, event.authority) }
            Touch.ADD_ACCOUNT -> navigator.go(Place.SignIn)
            Touch.MY_ADDRESS -> navigator.go(Place.MyAddress)
            Touch.REQUESTS -> navigator.go(Place.Requests)
            Touch.RETURNED -> phone.surround()
        }
        again()
    }

    private fun mend(what: Mend) =
        when (what) {
            Mend.ACCOUNT -> navigator.go(core.status.value.failing?.let { Place.SignInAgain(it.address) } ?: Place.SignIn)
            Mend.DO_NOT_DISTURB -> core.setDoNotDisturb(false)
            Mend.MICROPHONE -> navigator.mend(Manifest.permission.RECORD_AUDIO)
            else -> phone.system.mend(what, navigator)
        }

    private fun again() = show { read(phone) }

    private companion object {
        fun read(phone: Phone) =
            SettingsState(
                status = phone.core.status.value,
                systemColours = phone.preferences.systemColours,
                plainCalls = phone.preferences.plainCalls,
                tested = phone.switchboard.tested.value,
                tests = phone.switchboard.tests,
            )
    }
}
