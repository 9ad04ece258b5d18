package org.cooee.phone.settings

import org.cooee.model.Moment
import org.cooee.model.Status
import org.cooee.model.WhoRings
import org.cooee.model.Mend as WhatMends

/** What can be set, and whether one can be reached. */
data class SettingsState(
    val status: Status,
    val systemColours: Boolean,
    val plainCalls: Boolean,
    /** How the last test of ringing went; none before one. */
    val tested: Moment.RingTested? = null,
    /** A test is under way. */
    val tests: Boolean = false,
)

/** What can happen on the screen. */
sealed interface SettingsEvent {
    /** [RETURNED]: from the system's own settings. */
    enum class Touch : SettingsEvent { RINGTONE, ADD_ACCOUNT, MY_ADDRESS, REQUESTS, RETURNED }

    data class Mend(val what: WhatMends) : SettingsEvent

    data class DoNotDisturb(val on: Boolean) : SettingsEvent

    data class RejectAnonymous(val on: Boolean) : SettingsEvent

    data class LowData(val on: Boolean) : SettingsEvent

    data class Rings(val who: WhoRings) : SettingsEvent

    /** Calls oneself after so many seconds. */
    data class Test(val after: Int) : SettingsEvent

    data class SystemColours(val on: Boolean) : SettingsEvent

    data class PlainCalls(val on: Boolean) : SettingsEvent

    data class SignOut(val account: Long) : SettingsEvent

    /** The fingerprint is that of who runs the account's server. */
    data class Trust(
        val account: Long,
        val authority: String,
    ) : SettingsEvent
}
