package org.cooee.phone

import android.content.Context
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.Condition
import org.cooee.model.Core
import org.cooee.model.Mend
import org.cooee.model.Phrase
import org.cooee.model.Status
import org.cooee.model.fake.FakeCore
import org.cooee.phone.stage.findSound
import org.robolectric.Shadows.shadowOf

/** The app on a core that does as a test says. Somebody is signed in; the colours are our own. */
open class TestApp : CooeeApp() {
    var fake = FakeCore()
        private set

    override fun onCreate() {
        findSound(this)
        getSharedPreferences("preferences", Context.MODE_PRIVATE).edit().putBoolean("system-colours", false).commit()
        fake.status.value = SIGNED_IN
        shadowOf(packageManager).setSystemFeature("android.software.telecom", true)
        super.onCreate()
    }

    override fun core(): Core = fake

    /** The process has ended, and another one begins. */
    fun restart() {
        fake = fake.anew()
        super.onCreate()
    }

    companion object {
        val ANNA = Account(1, "anna@example.org", "Anna", AccountState.Ready(reachable = true))
        val SIGNED_IN =
            Status(
                started = true,
                accounts = listOf(ANNA),
                conditions =
                    listOf(
                        Condition(Phrase("ring_condition_network"), met = true),
                        Condition(Phrase("ring_condition_logged_in"), met = true),
                        Condition(
                            Phrase("ring_condition_strangers"),
                            met = true,
                            Phrase("ring_figure_rings", Phrase("who_rings_own_domain")),
                        ),
                        Condition(Phrase("ring_condition_notifications"), met = true),
                        Condition(Phrase("ring_condition_background"), met = false, Phrase("ring_mend_allow_background"), Mend.BATTERY),
                    ),
            )
    }
}
