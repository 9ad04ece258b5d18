package org.cooee.phone

import android.app.Notification
import android.app.NotificationManager
import android.view.View
import android.widget.ListView
import android.widget.TextView
import kotlinx.coroutines.flow.update
import org.cooee.model.Core
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Why
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.calls
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.touch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** Past calls and messages. */
@RunWith(RobolectricTestRunner::class)
class RecentsTest {
    @Test
    fun `a call leads to its story, and a message to whom it is with`() {
        People.furnish(app.fake)
        val (call, message) = app.fake.past.first() to app.fake.past.last()
        for ((past, place) in listOf(call to Place.Story(call.number), message to Place.Contact(message.peer))) {
            val home = home(Place.Recents).get()
            home.find<ListView>(R.id.list).run { performItemClick(getChildAt(0), app.fake.past.indexOf(past), past.number) }
            idle()
            assertEquals(place, home.place)
        }
    }

    @Test
    fun `however many calls there are, and messages among them, all are read`() {
        val calls = (250L downTo 1).map { Past(it, it, true, People.BEN, why = Why(Phrase("end_hung_up_peer"))) }
        val messages = (1L..3).map { Past(it, 245 - it, true, People.CLEO, text = "Hello") }
        app.fake.past = (calls + messages).sortedByDescending { it.at }
        val list = home(Place.Recents).get().find<ListView>(R.id.list)
        repeat(calls.size / Core.PAGE + 1) {
            list.setSelection(list.count - 1)
            idle()
        }
        assertEquals(calls.size + messages.size, list.count)
    }

    @Test
    fun `what was missed is new until somebody looks at the list, and so is its notification`() {
        People.furnish(app.fake)
        app.fake.past = app.fake.past.map { it.copy(isNew = it.missed) }
        app.fake.end(app.fake.ring(People.GRANDMA), missed = true)
        val controller = home()
        val home = controller.get()
        val notices = shadowOf(app.service<NotificationManager>())
        val tab = { home.find<TextView>(R.id.tab_recents).text.toString() }
        val news = { home.find<View>(R.id.list).all().filter { it is TextView && "new" in it.text.split(" · ") }.size }
        assertTrue(tab(), tab().endsWith("(1)"))
        assertEquals(1, notices.size())
        home.touch(R.id.tab_recents)
        assertEquals("nobody looks yet", 1, notices.size())
        controller.windowFocusChanged(true)
        idle()
        assertTrue("see 1" in app.fake.told)
        assertEquals("Recent" to 0, tab() to notices.size())
        assertEquals("it stays marked while one looks", 1, news())
        home.touch(R.id.tab_people)
        home.touch(R.id.tab_recents)
        assertEquals(0, news())
    }

    @Test
    fun `voice messages at the accounts' servers are counted together`() {
        val home = home(Place.Recents).get()
        assertFalse(home.find<View>(R.id.voice_messages).isShown)
        app.fake.status.update { it.copy(accounts = listOf(1, null, 2).map { new -> TestApp.ANNA.copy(voiceMessages = new) }) }
        idle()
        assertEquals("3 new voice messages", home.find<TextView>(R.id.voice_messages).text)
        assertTrue(home.find<View>(R.id.voice_messages).isShown)
    }

    @Test
    fun `on the page of somebody a message is no story`() {
        People.furnish(app.fake)
        val message = app.fake.past.last()
        app.fake.past = listOf(message)
        val place = Place.Contact(message.peer)
        val home = home(place).get()
        val row = home.find<View>(R.id.content).all().first { it.id == R.id.direction }.parent as View
        row.performClick()
        idle()
        assertEquals(place, home.place)
    }

    @Test
    fun `a message that did not arrive says so and why, and a long one is read in full on the page of whom it is with`() {
        val long = "Dear Ben, ".repeat(60) + "\nthat is all"
        app.fake.past =
            listOf(Past(1, 0, false, People.BEN, why = Why(Phrase("refused_no_such_account")), text = long, failed = true))
        for (place in listOf(Place.Recents, Place.Contact(People.BEN))) {
            val home = home(place).get()
            idle()
            val row = home.find<View>(R.id.root).all().filterIsInstance<TextView>()
            assertEquals("$long\nThere is no such account.", row.first { it.id == R.id.why }.text.toString())
            assertTrue("$place", row.first { it.id == R.id.time }.text.startsWith("Did not arrive"))
            if (place != Place.Recents) assertEquals(Int.MAX_VALUE, row.first { it.id == R.id.why }.maxLines)
        }
    }

    @Test
    fun `whoever withholds who it is has no address afterwards either, and nobody calls it back`() {
        val nobody = Person("anonymous@anonymous.invalid", "Anonymous")
        app.fake.past = listOf(Past(1, 0, true, nobody, missed = true, why = Why(Phrase("end_cancelled_peer"))))
        val row = home(Place.Recents).get().find<View>(R.id.list).all()
        assertEquals("Number withheld", row.filterIsInstance<TextView>().first { it.id == R.id.name }.text.toString())
        assertFalse(row.first { it.id == R.id.call }.isShown)
        val page = home(Place.Contact(nobody)).get().find<View>(R.id.content).all().filterIsInstance<TextView>().filter { it.isShown }
        assertTrue(page.none { "invalid" in it.text })
        app.fake.end(app.fake.ring(nobody) { it.copy(anonymous = true) }, missed = true)
        idle()
        val notice =
            checkNotNull(
                shadowOf(app.service<NotificationManager>()).allNotifications.firstOrNull {
                    it.category ==
                        Notification.CATEGORY_MISSED_CALL
                },
            )
        assertEquals("Missed call from Number withheld", notice.extras.getString(Notification.EXTRA_TITLE))
        assertTrue(notice.actions.isNullOrEmpty() && notice.extras.getString(Notification.EXTRA_TEXT) == null)
        app.fake.connect(app.fake.ring(nobody) { it.copy(anonymous = true) })
        val call = calls().get()
        app.fake.end(app.fake.calls.value.single().id)
        idle()
        assertTrue(call.find<View>(R.id.why).isShown && !call.find<View>(R.id.again).isShown)
        assertEquals("Number withheld", call.find<TextView>(R.id.name).text.toString())
    }
}
