package org.cooee.phone

import android.app.AlertDialog
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.FrameLayout
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.cooee.model.Call
import org.cooee.model.Names
import org.cooee.model.Status
import org.cooee.model.front
import org.cooee.phone.call.CallActivity
import org.cooee.phone.notice.about
import org.cooee.phone.screen.Edges
import org.cooee.phone.screen.Place
import org.cooee.phone.screen.Screen
import org.cooee.phone.screen.Screens
import org.cooee.phone.service.ReachService
import org.cooee.phone.words.who

/** Everything but calls: one screen at a time, and the way back. */
class HomeActivity : CooeeActivity() {
    private var screenScope = CoroutineScope(SupervisorJob() + MainThread)
    private val places = ArrayList<Place>()

    /** Where somebody is. */
    val place get() = places.last()

    private lateinit var screen: Screen<*, *>

    /** What is typed, open and scrolled to at each of the places. */
    private val kept = HashMap<Place, Bundle>()
    private var shown: Place? = null

    /** Says that the core cannot start. */
    private var failed: AlertDialog? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.home)
        Edges.fit(this, view(R.id.root))
        places += saved?.let(::restore) ?: begin(intent)
        TABS.forEach { (tab, place) -> view<View>(tab).setOnClickListener { goTab(place) } }
        view<View>(R.id.return_bar).setOnClickListener { showCalls() }
        scope.launch { phone.core.calls.collect(::drawReturnBar) }
        scope.launch { phone.core.status.collect(::leaveOrEnter) }
        scope.launch { phone.core.people.collect { phone.trying { drawUnseen(phone.core.unseen()) } } }
        arrive()
    }

    @Suppress("UNCHECKED_CAST", "DEPRECATION")
    private fun restore(saved: Bundle): List<Place>? {
        val places = saved.getSerializable(PLACES) as ArrayList<Place>? ?: return null
        kept += places.zip(saved.getParcelableArrayList<Bundle>(KEPT).orEmpty())
        return places
    }

    private fun begin(intent: Intent?): List<Place> = listOf(Place.People) + listOfNotNull(place(intent))

    /** Other apps can open us, too, and lay beside it what they like: what is no place of ours is none. */
    @Suppress("DEPRECATION")
    private fun place(intent: Intent?) = runCatching { intent?.getSerializableExtra(PLACE) as? Place }.getOrNull()

    override fun onNewIntent(intent: Intent?) {
        super.onNewIntent(intent)
        place(intent)?.let(::go)
    }

    override fun onStart() {
        super.onStart()
        // It may have been allowed in the system's settings.
        phone.contacts.look()
        // The system may have ended it, or not have let it begin.
        if (phone.core.status.value.accounts.isNotEmpty()) ReachService.start(this)
    }

    override fun onSaveInstanceState(out: Bundle) {
        super.onSaveInstanceState(out)
        keep()
        out.putSerializable(PLACES, places)
        out.putParcelableArrayList(KEPT, ArrayList(places.map { kept[it] ?: Bundle.EMPTY }))
    }

    private fun keep() {
        shown?.let { kept[it] = screen.keep() }
    }

    override fun onDestroy() {
        failed?.dismiss()
        screen.leave()
        screenScope.cancel()
        super.onDestroy()
    }

    /** Without an account there is nothing but signing in; with one, that is over. */
    private fun leaveOrEnter(status: Status) {
        status.failed?.let(::sayFailed)
        if (!status.started) return
        if (status.accounts.isEmpty() && places.last() != Place.SignIn) {
            places.clear()
            go(Place.SignIn)
        }
    }

    private fun sayFailed(why: String) {
        failed?.dismiss()
        failed =
            AlertDialog
                .Builder(this)
                .setTitle(R.string.start_failed)
                .setMessage(why)
                .setCancelable(false)
                .setPositiveButton(R.string.start_again) { _, _ -> phone.core.startAgain() }
                .show()
    }

    override fun go(place: Place) {
        if (place in Place.TABS) return goTab(place)
        places -= place
        // Whoever is signed in comes back to something else.
        if (phone.core.status.value.accounts.isNotEmpty()) places.removeAll { it == Place.SignIn || it is Place.SignInAgain }
        places += place
        arrive()
    }

    private fun goTab(place: Place) {
        places.clear()
        places += listOf(Place.People, place).distinct()
        arrive()
    }

    override fun back() {
        if (places.size > 1) {
            places.removeAt(places.lastIndex)
            arrive()
        } else {
            finish()
        }
    }

    override fun settled() = screen.settled()

    override fun goBack() = if (screen.hasBack) screen.back() else back()

    private fun arrive() {
        keep()
        if (shown != null) screen.leave()
        shown = place
        kept.keys.retainAll(places.toSet())
        screenScope.cancel()
        screenScope = CoroutineScope(SupervisorJob() + MainThread)
        screen = Screens.of(place, this, phone, screenScope, this)
        view<FrameLayout>(R.id.screen).run {
            removeAllViews()
            addView(screen.root)
        }
        screen.begin(screenScope, kept[place]) { back.setOwn(places.size > 1 || screen.hasBack) }
        TABS.forEach { (tab, of) -> view<View>(tab).isSelected = places.lastOrNull { it in Place.TABS || it == Place.SignIn } == of }
        view<View>(R.id.tabs).shown = place != Place.SignIn
    }

    /** So many missed calls and messages nobody has looked at. */
    private fun drawUnseen(unseen: Int) {
        val name = getString(R.string.tab_recents)
        view<TextView>(R.id.tab_recents).text = if (unseen > 0) getString(R.string.recents_times, name, unseen) else name
    }

    private fun drawReturnBar(calls: List<Call>) {
        view<TextView>(R.id.return_bar).run {
            shown = calls.isNotEmpty()
            text = calls.front()?.let { getString(R.string.return_to_call, Names.isolate(who(it))) }
        }
    }

    override fun showCalls() = startActivity(Intent(this, CallActivity::class.java))

    companion object {
        private const val PLACE = "place"
        private const val PLACES = "places"
        private const val KEPT = "kept"
        private val TABS = listOf(R.id.tab_people, R.id.tab_recents, R.id.tab_settings).zip(Place.TABS)

        /** Opens the app at a place. */
        fun at(
            context: Context,
            place: Place,
        ): Intent =
            Intent(context, HomeActivity::class.java)
                .setAction(place.javaClass.name)
                .putExtra(PLACE, place)
                .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
                .apply { if (place is Place.Contact) about(place.address) }
    }
}
