package org.cooee.phone.real

import kotlinx.coroutines.runBlocking
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.find
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.waitUntil
import org.cooee.stage.Numbers
import org.junit.AfterClass
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.BeforeClass
import org.junit.Test
import org.robolectric.Robolectric.buildActivity

/** So much crosses between app and core until the first frame, and for each screen. */
class NumbersTest : RealTest() {
    @Test
    fun `no screen asks the core for more than it shows, and at rest nothing is asked`() {
        FakeContacts.of(*Array(300) { FakeContact(it + 1L, "Person %03d".format(it), listOf("person$it@example.org")) })
        signIn()
        server.cliPhone("ben").use { ben ->
            val screen = speakWith(ben)
            ben.obey("hang_up")
            screen.untilSays(R.id.state, "The other side hung up.")
        }
        rest()
        val story = Place.Story(runBlocking { app.phone.core.past() }.first().number)
        val ben = Place.Contact("ben@cooee.test", null)
        runBlocking { app.phone.core.shutdown() }
        val rows = mutableListOf(measure("start to the first frame", MOST_AT_START) { begin() })
        val places =
            listOf(
                Place.Recents,
                Place.Settings,
                Place.MyAddress,
                Place.Requests,
                ben,
                Place.Safety(ben.address, null),
                story,
                Place.People,
            )
        places.mapTo(rows) { place -> measure(place::class.java.simpleName, MOST) { opened.go(place) } }
        rows += measure("at rest", 0) { }
        Numbers.keep("screens", rows)
    }

    private lateinit var opened: HomeActivity

    /** The app starts anew, on the same folder. */
    private fun begin() {
        app.onCreate()
        opened = buildActivity(HomeActivity::class.java).setup().get()
        waitUntil("the first frame") {
            app.phone.core.status.value.accounts.isNotEmpty() &&
                opened.find<android.widget.ListView>(R.id.list).count > 300
        }
    }

    private fun measure(
        what: String,
        most: Int,
        act: () -> Unit,
    ): String {
        rest()
        tally.take()
        act()
        rest()
        val crossed = tally.take().filter { it.call != "nextEvent" }
        val calls = crossed.filter { !it.isAnswer }
        val (there, back) = calls.sumOf { it.octets } to crossed.filter { it.isAnswer }.sumOf { it.octets }
        val names = calls.groupingBy { it.call }.eachCount().toSortedMap().map { (name, times) -> if (times > 1) "$name ×$times" else name }
        assertTrue("$what: $names", calls.size <= most)
        assertEquals("$what: one question a page", 1, maxOf(1, calls.count { it.call == "reach" }))
        return "| $what | ${calls.size} | $there | $back | ${names.joinToString()} |"
    }

    /** Until nothing has crossed for a while. */
    private fun rest() {
        var (last, times) = -1 to 0
        waitUntil("it is at rest", step = { idle().also { Thread.sleep(20) } }) {
            times = if (tally.size == last) times + 1 else 0
            last = tally.size
            times >= RESTED
        }
    }

    companion object {
        val tally = Tally()

        /** Measured: 4 and 9. What changes while a screen is read is read once more. */
        const val MOST = 5
        const val MOST_AT_START = 11

        /** So often in a row nothing has crossed. */
        const val RESTED = 15

        @JvmStatic
        @BeforeClass
        fun watch() {
            RealApp.watch = tally::watch
        }

        @JvmStatic
        @AfterClass
        fun leave() {
            RealApp.watch = { it }
        }
    }
}
