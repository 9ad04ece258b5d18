package org.cooee.phone

import android.Manifest
import android.app.Activity
import android.app.Notification
import android.app.NotificationManager
import android.content.DialogInterface
import android.telecom.TelecomManager
import android.widget.TextView
import org.cooee.model.Action
import org.cooee.model.Introduction
import org.cooee.model.Moment
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Request
import org.cooee.model.Why
import org.cooee.phone.screen.Place
import org.cooee.phone.service.CallService
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.cooee.phone.telecom.CooeeConnection
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildService
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog

/** Whoever chooses a name to turn the text around, to fill the screen or to look like a page of ours, is shown it as a name in one line. */
@RunWith(RobolectricTestRunner::class)
class HostileTest {
    @Before
    fun furnish() {
        People.furnish(app.fake)
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
    }

    /** Those texts of which a name makes more than one line, too long a one, or one that turns what is around. */
    private fun faults(texts: List<CharSequence>): List<String> {
        assertTrue("the name is there: $texts", texts.any { "evil" in it })
        return texts.map { "$it" }.filter {
            "evil" in it && (
                it.count { sign ->
                    sign == 'a'
                } > LONGEST || '\u202E' in it || "\n<b>" in it
            )
        }
    }

    private fun texts(activity: Activity) =
        checkNotNull(activity.window).decorView.all().filter {
            it.isShown
        }.flatMap { listOfNotNull((it as? TextView)?.text, it.contentDescription) }

    @Test
    fun `in the history, among requests, on the page of somebody and in a story`() {
        val past = Past(9, 0, true, EVIL, missed = true, times = 2, why = Why(Phrase("end_cancelled_peer")))
        app.fake.past = listOf(past)
        app.fake.stories = app.fake.stories.mapValues { it.value.copy(past = past) }
        app.fake.requests = listOf(Request(EVIL, Introduction("example.org", NAME), 0, 3))
        for (place in listOf(Place.Recents, Place.Requests, Place.Contact(EVIL), Place.Story(4), Place.Safety(EVIL.address, NAME))) {
            assertEquals("$place", emptyList<String>(), faults(texts(home(place).get())))
        }
    }

    @Test
    fun `in a call and what it asks`() {
        app.fake.change(app.fake.ring(People.BEN), People::spoken)
        app.fake.change(app.fake.ring(EVIL)) { People.spoken(it).copy(transferAsked = "evil\u202E@example.org") }
        app.fake.act(1, Action.HOLD)
        val screen = calls().get()
        assertEquals(emptyList<String>(), faults(texts(screen)))
        app.fake.act(2, Action.HOLD)
        app.fake.act(1, Action.RESUME)
        idle()
        screen.touch(R.id.transfer)
        val join = checkNotNull(ShadowAlertDialog.getLatestAlertDialog()).getButton(DialogInterface.BUTTON_NEUTRAL)
        assertEquals(emptyList<String>(), faults(listOf(join.text)))
    }

    @Test
    fun `in notifications, and what headsets and cars show`() {
        val manager = shadowOf(app.service<NotificationManager>())
        app.fake.ring(EVIL)
        idle()
        val telecom = shadowOf(app.service<TelecomManager>())
        val connection = telecom.allowIncomingCall(telecom.lastIncomingCall) as CooeeConnection
        idle()
        assertEquals(emptyList<String>(), faults(listOf(connection.callerDisplayName)))
        val service = buildService(CallService::class.java).create().startCommand(0, 0).get()
        idle()
        assertEquals(emptyList<String>(), faults(texts(checkNotNull(shadowOf(service).lastForegroundNotification))))
        app.fake.end(1, missed = true)
        app.fake.happen(Moment.Message(EVIL, "Hello"))
        idle()
        val told = manager.allNotifications.filter { "evil" in "${texts(it)}" }
        assertEquals("a missed call and a message", 2, told.size)
        told.forEach { assertEquals(emptyList<String>(), faults(texts(it))) }
    }

    @Suppress("DEPRECATION")
    private fun texts(notice: Notification) =
        notice.extras.keySet().mapNotNull {
            notice.extras.get(it)
        }.map { (it as? android.app.Person)?.name ?: it }.filterIsInstance<CharSequence>()

    private companion object {
        /** A stranger's name and line, on two lines of a card. */
        const val LONGEST = 160
        val NAME = "\u202Eevil\n<b>" + "a".repeat(10_000)
        val EVIL = Person("x@example.org", NAME)
    }
}
