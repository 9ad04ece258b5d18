package org.cooee.phone

import android.view.View
import android.widget.ListView
import org.cooee.model.Core
import org.cooee.model.Past
import org.cooee.model.Phrase
import org.cooee.model.Why
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.People
import org.cooee.phone.stage.all
import org.cooee.phone.stage.app
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

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
}
