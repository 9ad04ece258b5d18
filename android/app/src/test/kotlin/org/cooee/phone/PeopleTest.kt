package org.cooee.phone

import android.Manifest
import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Looper
import android.view.View
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.runBlocking
import org.cooee.model.Phrase
import org.cooee.model.Reach
import org.cooee.model.ReachState
import org.cooee.model.Refusal
import org.cooee.model.Understanding
import org.cooee.phone.contacts.RoundPicture
import org.cooee.phone.screen.Place
import org.cooee.phone.stage.FakeContact
import org.cooee.phone.stage.FakeContacts
import org.cooee.phone.stage.People
import org.cooee.phone.stage.app
import org.cooee.phone.stage.find
import org.cooee.phone.stage.home
import org.cooee.phone.stage.idle
import org.cooee.phone.stage.says
import org.cooee.phone.stage.touch
import org.cooee.phone.stage.waitUntil
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowToast
import java.io.ByteArrayOutputStream
import java.util.Date
import java.util.concurrent.CountDownLatch

/** The home of the app: the dial field and the contacts. */
@RunWith(RobolectricTestRunner::class)
class PeopleTest {
    @Test
    fun `five thousand contacts take no more views than fit, and one question a page`() {
        val contacts = FakeContacts.of(*Array(5_000) { FakeContact(it.toLong(), "Person $it", listOf("person$it@example.org")) })
        val home = home().get()
        val list = home.find<ListView>(R.id.list)
        waitUntil("they are there") { list.count > 5_000 && list.all().any { it is TextView && it.text == "person0@example.org" } }
        val adapter = list.adapter
        val views = mutableSetOf<View>()
        for (at in 0 until list.count step 7) {
            list.setSelection(at)
            idle()
            views += (0 until list.childCount).map { checkNotNull(list.getChildAt(it)) }
        }
        assertTrue("${views.size} rows", views.size <= 100)
        waitUntil("the page is read") { contacts.questions > 1 }
        val asked = app.fake.told.filter { it.startsWith("reach") }
        assertTrue(asked.all { it.removePrefix("reach ").toInt() <= 100 } && asked.size <= 5_000 / 25 + 1)
        assertEquals(5_001, adapter.count)
    }

    @Test
    fun `a picture stands for whom the contacts have one of, initials for others, and a row used again shows nobody else`() {
        val (photo, gone) = "content://pictures/ben" to "content://pictures/gone"
        val png =
            ByteArrayOutputStream().also {
                Bitmap.createBitmap(8, 8, Bitmap.Config.ARGB_8888).compress(Bitmap.CompressFormat.PNG, 100, it)
            }
        shadowOf(app.contentResolver).registerInputStreamSupplier(Uri.parse(photo)) { png.toByteArray().inputStream() }
        FakeContacts.of(FakeContact(1, "Ben", listOf("ben@example.org"), photo = photo))
        val list = home().get().find<View>(R.id.list)
        waitUntil("the picture is there") { list.all().any { it.background is RoundPicture } }
        val view = TextView(app)
        app.phone.portraits.show(view, "Ben", photo)
        assertTrue("it is kept", view.background is RoundPicture)
        app.phone.portraits.show(view, "Cleo", null)
        assertEquals("C", view.text)
        app.phone.portraits.show(view, "Anna", gone)
        repeat(20) { Thread.sleep(5).also { idle() } }
        assertEquals("A", view.text)
        assertFalse(view.background is RoundPicture)
    }

    @Test
    fun `a huge picture is read small, and one that has changed is read anew`() {
        val photo = "content://pictures/ben"
        val (huge, other) =
            listOf(4_000 to 3_000, 8 to 8).map { (width, height) ->
                val picture = Bitmap.createBitmap(width, height, Bitmap.Config.RGB_565)
                ByteArrayOutputStream().also { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()
            }
        var (there, reads) = huge to 0
        shadowOf(app.contentResolver).registerInputStreamSupplier(Uri.parse(photo)) { there.inputStream().also { reads++ } }
        val view = TextView(app)
        val show = { app.phone.portraits.show(view, "Ben", null).also { app.phone.portraits.show(view, "Ben", photo) } }
        show()
        waitUntil("the picture is there") { view.background is RoundPicture }
        val width = { (view.background as? RoundPicture)?.picture?.width ?: 0 }
        assertTrue("${width()}", width() in 1..512)
        val before = reads
        show()
        assertEquals("it is kept", before, reads)
        there = other
        app.phone.portraits.forget()
        show()
        waitUntil("it is read anew") { width() == 8 }
    }

    @Test
    fun `whoever has no address is nobody else`() {
        FakeContacts.of(FakeContact(1, "Ben", listOf("ben@example.org")), FakeContact(7, "Giorgio", emptyList()))
        assertEquals("Ben", runBlocking { app.phone.contacts.who("ben@example.org") }?.name)
        assertNull(runBlocking { app.phone.contacts.who("") })
    }

    @Test
    fun `contacts that nobody looks at any more are let go of`() {
        val contacts = FakeContacts.of(FakeContact(1, "Ben", listOf("ben@example.org")))
        val controller = home()
        val field = controller.get().find<EditText>(R.id.field)
        waitUntil("they are there") { contacts.lists.size == 1 }
        val (asked, answer) = CountDownLatch(1) to CountDownLatch(1)
        contacts.listing = {
            asked.countDown()
            answer.await()
        }
        field.setText("b")
        waitUntil("it is looked up") { asked.count == 0L }
        field.setText("be")
        idle()
        answer.countDown()
        waitUntil("the last one alone is held") { contacts.lists.size >= 3 && contacts.lists.count { !it.isClosed } == 1 }
        controller.pause().stop().destroy()
        waitUntil("none is held") { contacts.lists.all { it.isClosed } }
    }

    @Test
    fun `contacts that are looked up anew are drawn before the former ones are gone`() {
        val contacts = FakeContacts.of(*Array(5) { FakeContact(it.toLong(), "Ben $it", listOf("ben$it@example.org")) })
        val home = home().get()
        val list = home.find<ListView>(R.id.list)
        waitUntil("they are there") { list.count == 6 }
        home.find<EditText>(R.id.field).setText("Ben 1")
        waitUntil("the one is there", step = { shadowOf(Looper.getMainLooper()).runOneTask() }) {
            // At any moment rows may come into sight.
            repeat(list.adapter.count) { list.adapter.getView(it, null, list) }
            list.count == 2 && contacts.lists.first().isClosed
        }
    }

    @Test
    fun `what is typed is explained while it is typed, and called`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        app.fake.understands = { text ->
            if (text.length <
                5
            ) {
                Understanding.Nobody(Phrase("no_address_malformed"))
            } else {
                Understanding.Somebody(text, listOf(Phrase("way_sip")), true)
            }
        }
        val home = home().get()
        home.find<EditText>(R.id.field).setText("ben")
        idle()
        assertEquals("No address yet", home.find<TextView>(R.id.explanation).text)
        assertFalse(home.find<View>(R.id.call).isShown)
        home.find<EditText>(R.id.field).setText("ben@example.org")
        idle()
        assertEquals("Calls over the Internet", home.find<TextView>(R.id.explanation).text)
        val reach = Reach(ReachState.PUBLISHES_CALLS, System.currentTimeMillis() - 2 * 3_600_000)
        app.fake.understands = { Understanding.Somebody(it, listOf(Phrase("way_sip")), true, reach = reach) }
        home.find<EditText>(R.id.field).setText("ben@example.net")
        idle()
        assertEquals(
            "Calls over the Internet · publishes calls · checked 2 hours ago",
            home.find<TextView>(R.id.explanation).text.toString(),
        )
        home.find<EditText>(R.id.field).setText("ben@example.org")
        idle()
        home.touch(R.id.call)
        assertTrue("dial ben@example.org" in app.fake.told)
        assertTrue(home.find<View>(R.id.return_bar).isShown)
    }

    @Test
    fun `an emergency number goes to the telephone and to nobody else`() {
        app.fake.understands = { Understanding.Somebody(it, listOf(Phrase("way_ordinary_dialler")), callable = false, byTelephone = true) }
        val home = home().get()
        home.find<EditText>(R.id.field).setText("112")
        idle()
        home.touch(R.id.call)
        assertEquals("tel:112", shadowOf(app).nextStartedActivity?.dataString)
        assertFalse(app.fake.told.any { it.startsWith("dial") })
    }

    @Test
    fun `the microphone is asked for before the call, and denied, the call is made all the same`() {
        val home = home().get()
        home.find<EditText>(R.id.field).setText("ben@example.org")
        idle()
        home.touch(R.id.call)
        val asked = checkNotNull(shadowOf(home).lastRequestedPermission)
        assertEquals(listOf(Manifest.permission.RECORD_AUDIO), asked.requestedPermissions.toList())
        assertFalse(app.fake.told.any { it.startsWith("dial") })
        home.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, intArrayOf(-1))
        idle()
        assertTrue("dial ben@example.org" in app.fake.told)
    }

    @Test
    fun `what is refused is said`() {
        shadowOf(app).grantPermissions(Manifest.permission.RECORD_AUDIO)
        val home = home().get()
        home.find<EditText>(R.id.field).setText("ben@example.org")
        idle()
        app.fake.refusal = Refusal(Phrase("refused_no_such_account"))
        home.touch(R.id.call)
        assertEquals("There is no such account.", ShadowToast.getTextOfLatestToast())
    }

    @Test
    fun `a reading that is refused is said on every screen, and the next one shows`() {
        People.furnish(app.fake)
        for (place in listOf(Place.People, Place.Recents, Place.Requests, Place.Contact(People.BEN.address, "Ben"))) {
            val controller = home(place)
            ShadowToast.reset()
            app.fake.refusal = Refusal(Phrase("refused_no_such_account"))
            app.fake.people.value++
            waitUntil("$place says it") { ShadowToast.getTextOfLatestToast() == "There is no such account." }
            app.fake.refusal = null
            controller.pause().stop().destroy()
        }
        val home = home(Place.Requests).get()
        app.fake.refusal = Refusal(Phrase("refused_no_such_account"))
        app.fake.people.value++
        idle()
        app.fake.refusal = null
        app.fake.block(app.fake.requests.first().person.address)
        idle()
        assertTrue(home.find<View>(R.id.content).all().any { it is TextView && it.text == app.fake.blocked.last() })
    }

    @Test
    fun `who is blocked with a whole domain shows as blocked, and is let in again with it`() {
        app.fake.blocked = listOf("example.org")
        app.fake.allowed = listOf(People.BEN.address)
        val home = home(Place.Contact(People.BEN.address, "Ben")).get()
        home.touch("Unblock: \u2068example.org\u2069")
        idle()
        home.touch("No longer let ring at any time")
        idle()
        val told = app.fake.told.filter { "block" in it || "allow" in it }
        assertEquals(listOf("unblock example.org", "disallow ${People.BEN.address}"), told)
        home.says("Block")
    }

    @Test
    fun `what another app lays beside its intent is no place of ours`() {
        val intent = Intent(app, HomeActivity::class.java).putExtra("place", Date())
        val home = Robolectric.buildActivity(HomeActivity::class.java, intent).setup().get()
        assertEquals(Place.People, home.place)
    }

    @Test
    fun `without the permission the contacts are asked for, and nothing else is missing`() {
        val home = home().get()
        val notice =
            checkNotNull(
                home.find<ListView>(R.id.list).all().filterIsInstance<TextView>().firstOrNull {
                    it.text ==
                        "Show my contacts"
                },
            )
        notice.performClick()
        assertEquals(
            listOf(Manifest.permission.READ_CONTACTS),
            checkNotNull(shadowOf(home).lastRequestedPermission).requestedPermissions.toList(),
        )
    }

    @Test
    fun `signing in is no step on the way back`() {
        app.fake.status.update { it.copy(accounts = emptyList()) }
        val home = home().get()
        assertEquals(Place.SignIn, home.place)
        home.find<EditText>(R.id.address).setText("anna@example.org")
        home.find<EditText>(R.id.password).setText("secret")
        home.touch(R.id.sign_in)
        app.fake.status.update { it.copy(accounts = listOf(it.accounts.single().copy(state = TestApp.ANNA.state))) }
        idle()
        assertEquals(Place.People, home.place)
        home.back()
        assertTrue(home.isFinishing)
    }

    @Test
    fun `back goes where one came from, and at last leaves`() {
        People.furnish(app.fake)
        val home = home(Place.Contact("ben@example.org", "Ben")).get()
        home.back()
        assertEquals(Place.People, home.place)
        home.back()
        assertTrue(home.isFinishing)
    }
}
