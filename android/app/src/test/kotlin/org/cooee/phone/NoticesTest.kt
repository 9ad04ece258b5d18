package org.cooee.phone

import android.Manifest
import android.app.Notification
import android.app.NotificationManager
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.os.Bundle
import org.cooee.model.Introduction
import org.cooee.model.Moment
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Request
import org.cooee.model.Why
import org.cooee.phone.call.CallActivity
import org.cooee.phone.notice.Channels
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric.buildActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowToast

/** What waits to be seen. */
@RunWith(RobolectricTestRunner::class)
class NoticesTest {
    private val manager = shadowOf(app.service<NotificationManager>())

    private fun shown(channel: String) = manager.allNotifications.filter { it.channelId == channel }

    private fun title(notice: Notification) = notice.extras.getString(Notification.EXTRA_TITLE)

    private fun opens(notice: Notification) = shadowOf(checkNotNull(notice.contentIntent)).savedIntent

    private fun missed(
        peer: Person,
        introduction: Introduction? = null,
    ) {
        val call = app.fake.ring(peer) { it.copy(introduction = introduction) }
        idle()
        app.fake.end(call, Why(Phrase("end_cancelled_peer")), missed = true)
        idle()
    }

    /** Somebody has called who may not disturb. */
    private fun refused(peer: Person) {
        app.fake.happen(Moment.Ended(1, peer, Why(Phrase("end_do_not_disturb")), missed = true))
        idle()
    }

    private fun message(
        from: Person,
        text: String = "Where are you?",
        silently: Boolean = false,
    ) {
        app.fake.happen(Moment.Message(from, text, silently))
        idle()
    }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `a missed call and a message are shown, and calling back calls`() {
        missed(People.BEN)
        message(People.CLEO)
        assertEquals("Missed call from Ben Okafor", title(shown(Channels.MISSED).single()))
        assertEquals("Where are you?", shown(Channels.MESSAGES).single().extras.getString(Notification.EXTRA_TEXT))
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        shown(Channels.MISSED).single().actions.single().actionIntent.send()
        buildActivity(CallActivity::class.java, shadowOf(app).nextStartedActivity).setup()
        idle()
        assertTrue("dial ${People.BEN.address}" in app.fake.told)
    }

    @Test
    fun `however many strangers call, there is one notification of them, and it leads to where they wait`() {
        message(People.BEN)
        app.fake.requests = List(60) { Request(Person("s$it@example.biz"), Introduction(), 0) }
        repeat(60) { missed(Person("s$it@example.biz"), Introduction()) }
        val quiet = shown(Channels.QUIET).single()
        assertEquals("60 strangers wait for your word", title(quiet))
        assertEquals(Place.Requests, buildActivity(HomeActivity::class.java, opens(quiet)).setup().get().place)
        assertEquals("looked at", emptyList<Notification>(), shown(Channels.QUIET))
        assertEquals(1, shown(Channels.MESSAGES).size)
    }

    @Test
    fun `a stranger's text leads to where it can be read`() {
        message(Person("s60@example.biz"), silently = true)
        assertEquals(Place.Recents, buildActivity(HomeActivity::class.java, opens(shown(Channels.QUIET).single())).setup().get().place)
    }

    @Test
    fun `strangers are counted anew when something else is known of them, and without any the notification goes`() {
        missed(People.CLEO, Introduction())
        assertEquals("1 stranger waits for your word", title(shown(Channels.QUIET).single()))
        val know = { waiting: List<Person> ->
            app.fake.requests = waiting.map { Request(it, Introduction(), 0) }
            app.fake.people.value++
            idle()
        }
        know(listOf(People.CLEO, People.GRANDMA))
        assertEquals("2 strangers wait for your word", title(shown(Channels.QUIET).single()))
        know(emptyList())
        assertEquals(emptyList<Notification>(), shown(Channels.QUIET))
    }

    @Test
    fun `who rings though nobody is to disturb is missed by name`() {
        app.fake.setDoNotDisturb(true)
        missed(People.GRANDMA)
        assertTrue(title(shown(Channels.MISSED).single()).orEmpty().startsWith("Missed call from"))
    }

    @Test
    fun `what comes while nobody is to disturb is one notification, too, until it is looked at`() {
        app.fake.setDoNotDisturb(true)
        refused(People.BEN)
        message(People.CLEO, silently = true)
        assertEquals(emptyList<Notification>(), shown(Channels.MISSED) + shown(Channels.MESSAGES))
        assertEquals("1 missed call or message", title(shown(Channels.QUIET).single()))
        home(Place.Recents).windowFocusChanged(true)
        idle()
        assertEquals(emptyList<Notification>(), shown(Channels.QUIET))
    }

    @Test
    fun `of people whom anybody could make up there are never so many that others do not show`() {
        message(People.BEN)
        repeat(60) { missed(Person("s$it@example.biz")) }
        assertTrue("${shown(Channels.MISSED).size}", shown(Channels.MISSED).size in 1..9)
        assertTrue("the latest", shown(Channels.MISSED).any { "s59" in title(it).orEmpty() })
        assertEquals(1, shown(Channels.MESSAGES).size)
    }

    @Test
    fun `a message opens whom it is from, whatever others call themselves`() {
        // Two names of the same hash.
        message(Person("ben@example.org", "Aa"))
        message(Person("mallory@example.biz", "BB"))
        val intents = shown(Channels.MESSAGES).map(::opens)
        assertFalse(intents[0].filterEquals(intents[1]))
        val places = intents.map { buildActivity(HomeActivity::class.java, it).setup().get().place as Place.Contact }
        assertEquals(setOf("ben@example.org", "mallory@example.biz"), places.map { it.address }.toSet())
        assertFalse(HomeActivity.at(app, Place.Recents).filterEquals(HomeActivity.at(app, Place.Settings)))
    }

    @Test
    @Config(sdk = [28, 30, 33, 35])
    fun `what somebody wrote before stands beside what they write now, and can be forged by nobody`() {
        message(People.BEN, "Where are you?")
        message(People.BEN, "\u202EWe wait.")
        val extras = shown(Channels.MESSAGES).single().extras
        assertEquals("We wait.", extras.getCharSequence(Notification.EXTRA_TEXT).toString())
        @Suppress("DEPRECATION")
        val texts =
            checkNotNull(extras.getParcelableArray(Notification.EXTRA_MESSAGES)).map {
                (it as Bundle).getCharSequence("text").toString()
            }
        assertEquals(listOf("Where are you?", "We wait."), texts)
    }

    @Test
    fun `of a message that did not arrive it is said to whom, and why`() {
        app.fake.past = listOf(Past(7, 0, incoming = false, People.BEN, text = "Hello", failed = true))
        app.fake.happen(Moment.MessageFailed(7, Phrase("refused_no_such_account")))
        idle()
        assertEquals("The message to \u2068Ben Okafor\u2069 did not arrive. There is no such account.", ShadowToast.getTextOfLatestToast())
    }

    @Test
    fun `where there is no telephone, calling by telephone says so`() {
        val tablet =
            object : ContextWrapper(app) {
                override fun getApplicationContext(): Context = app

                override fun startActivity(intent: Intent?) = throw ActivityNotFoundException()
            }
        Dialler(tablet, app.fake).telephone("144")
        assertEquals("This device has no telephone for that", ShadowToast.getTextOfLatestToast())
    }
}
