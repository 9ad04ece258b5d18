package org.cooee.phone.stage

import android.Manifest
import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.view.View
import android.widget.AbsListView
import android.widget.AdapterView
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import org.cooee.model.AccountState
import org.cooee.model.Action
import org.cooee.model.Introduction
import org.cooee.model.Mend
import org.cooee.model.Moment
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Refusal
import org.cooee.model.Why
import org.cooee.phone.HomeActivity
import org.cooee.phone.TestApp
import org.cooee.phone.all
import org.cooee.phone.call.CallActivity
import org.cooee.phone.service.CallService
import org.robolectric.Robolectric.buildActivity
import org.robolectric.Robolectric.buildService
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.android.controller.ServiceController
import org.robolectric.shadows.ShadowDialog
import java.lang.ref.WeakReference
import java.util.Random

/** Touches, types, turns and goes away as it comes, while the world does as it likes; the same for the same seed. */
class Monkey(seed: Long) {
    private val random = Random(seed)
    private var home: ActivityController<HomeActivity>? = null
    private var calls: ActivityController<CallActivity>? = null
    private var service: ServiceController<CallService>? = null
    private var isInCall = false

    /** What it did, the last at the end. */
    val steps = ArrayDeque<String>()

    /** What it has seen of the app, and what of that while there was a call. */
    val reached = mutableSetOf<String>()
    val reachedInCall = mutableSetOf<String>()

    /** All activities that there were and are over. */
    val gone = mutableListOf<WeakReference<Activity>>()

    private val activity: Activity? get() = calls?.get() ?: home?.get()

    fun step() {
        if (steps.size == KEPT) steps.removeFirst()
        steps += "?"
        if (activity == null) open(Intent(app, HomeActivity::class.java))
        note(act())
        idle()
        obeySystem()
        look()
    }

    private fun note(what: String) {
        steps[steps.lastIndex] = what
    }

    private fun act(): String =
        when (random.nextInt(100)) {
            in 0 until 62 -> touch()
            in 62 until 72 -> type()
            in 72 until 77 -> scroll()
            in 77 until 81 -> back()
            in 81 until 83 -> turn()
            in 83 until 84 -> leave()
            in 84 until 85 -> "refused once".also { app.fake.refusal = Refusal(Phrase("refused_not_now")) }
            else -> happen()
        }.also { if (it != "refused once") app.fake.refusal = null }

    /** What can be touched: of a dialog, if there is one. */
    private fun views(): List<View> {
        val dialog = ShadowDialog.getLatestDialog()?.takeIf { it.isShowing }
        return checkNotNull(dialog?.window ?: activity?.window).decorView.all().filter { it.isShown && it.isEnabled }
    }

    private fun touch(): String {
        val views = views().filter { it.isClickable || it.parent is AdapterView<*> }
        val view = pick(views) ?: return "nothing to touch"
        note("touches ${name(view)}")
        val list = view.parent as? AbsListView
        when {
            list != null -> {
                list.getPositionForView(view).let {
                    if (list.adapter.isEnabled(it)) list.performItemClick(view, it, list.getItemIdAtPosition(it))
                }
            }

            random.nextInt(20) == 0 -> {
                view.performLongClick()
            }

            else -> {
                view.performClick()
            }
        }
        return steps.last()
    }

    private fun type(): String {
        val field = pick(views().filterIsInstance<EditText>()) ?: return "nowhere to type"
        val text = pick(TEXTS).orEmpty()
        note("types “$text” at ${name(field)}")
        field.setText(text)
        return steps.last()
    }

    private fun scroll(): String {
        val list = pick(views().filterIsInstance<ListView>()) ?: return "nothing to scroll"
        if (list.count > 0) list.setSelection(random.nextInt(list.count))
        return "scrolls"
    }

    @Suppress("DEPRECATION")
    private fun back(): String {
        val dialog = ShadowDialog.getLatestDialog()?.takeIf { it.isShowing }
        if (dialog != null) dialog.cancel() else activity?.onBackPressed()
        return "goes back"
    }

    private fun turn(): String {
        if (calls != null) calls = calls?.also { lose(it.get()) }?.recreate() else home = home?.also { lose(it.get()) }?.recreate()
        return "turns the phone"
    }

    /** Another app, and back. */
    private fun leave(): String {
        (calls ?: home)?.run {
            pause().stop()
            idle()
            restart().resume()
        }
        return "goes away and comes back"
    }

    /** What others do. */
    private fun happen(): String {
        val core = app.fake
        val call = pick(core.calls.value)
        return when (random.nextInt(11)) {
            0 -> {
                "somebody rings".also { if (core.calls.value.size < 3) core.ring(checkNotNull(pick(PEOPLE))) }
            }

            1 -> {
                "a stranger rings".also { if (core.calls.value.size < 3) core.ring(STRANGER) { it.copy(introduction = INTRODUCTION) } }
            }

            2, 3 -> {
                "a call is answered".also { call?.let { core.change(it.id, People::spoken) } }
            }

            4 -> {
                "a call ends".also { call?.let { core.end(it.id, missed = it.rings) } }
            }

            5 -> {
                "they hand over".also {
                    call?.let { one ->
                        core.change(one.id) { it.copy(transferAsked = "cleo@example.net", allowed = it.allowed + HAND_OVER) }
                    }
                }
            }

            6 -> {
                "a message comes".also { core.happen(Moment.Message(checkNotNull(pick(PEOPLE)), "Hello")) }
            }

            7 -> {
                "the server answers".also { answerOfServer() }
            }

            8 -> {
                "people change".also { core.people.value++ }
            }

            9 -> {
                "the permission is decided".also { decide() }
            }

            else -> {
                "a test is over".also { core.happen(Moment.RingTested(Phrase("ring_proof_nothing"), Phrase("end_no_answer_peer"))) }
            }
        }
    }

    private fun answerOfServer() {
        val before = app.fake.status.value
        val all = before.accounts.map { it.copy(state = checkNotNull(pick(STATES))) }
        val works = all.none { it.state is AccountState.Failed }
        val conditions =
            TestApp.SIGNED_IN.conditions.map {
                if (it.what.name == "ring_condition_logged_in") it.copy(met = works, mend = Mend.ACCOUNT.takeUnless { works }) else it
            }
        app.fake.status.value = before.copy(accounts = all, conditions = conditions)
    }

    private fun decide() {
        val permission = listOf(Manifest.permission.RECORD_AUDIO, Manifest.permission.READ_CONTACTS)[random.nextInt(2)]
        val granted = random.nextBoolean()
        if (granted) shadowOf(app).grantPermissions(permission) else shadowOf(app).denyPermissions(permission)
        activity?.onRequestPermissionsResult(0, arrayOf(permission), intArrayOf(if (granted) 0 else -1))
    }

    /** Does as the system: opens what is to be opened, ends what has finished. */
    private fun obeySystem() {
        val started = generateSequence { shadowOf(app).nextStartedActivity }.toList()
        started.filter { it.component?.packageName == app.packageName }.forEach(::open)
        val serves = generateSequence { shadowOf(app).nextStartedService }.any { it.component?.className == CallService::class.java.name }
        if (serves) service = (service ?: buildService(CallService::class.java).create()).startCommand(0, 0)
        service?.takeIf { shadowOf(it.get()).isStoppedBySelf }?.let { service = null.also { _ -> it.destroy() } }
        idle()
        calls = end(calls)
        home = end(home)
    }

    private fun open(intent: Intent) {
        val isCall = intent.component?.className == CallActivity::class.java.name
        if (isCall) {
            calls = calls?.newIntent(intent) ?: buildActivity(CallActivity::class.java, intent).setup()
        } else {
            // It comes to the front: the calls are behind it, and over for us.
            calls?.let { calls = null.also { _ -> lose(it.pause().stop().destroy().get()) } }
            home = home?.newIntent(intent) ?: buildActivity(HomeActivity::class.java, intent).setup()
        }
        idle()
    }

    private fun <A : Activity> end(controller: ActivityController<A>?): ActivityController<A>? {
        if (controller == null || !controller.get().isFinishing) return controller
        lose(controller.pause().stop().destroy().get())
        return null
    }

    private fun lose(activity: Activity) {
        gone += WeakReference(activity)
    }

    /** Everything is left, and the calls are over. */
    fun leaveAll() {
        app.fake.refusal = null
        listOfNotNull(calls, home).forEach { lose(it.pause().stop().destroy().get()) }
        calls = null
        home = null
        app.fake.calls.value = emptyList()
        idle()
        service?.destroy()
        service = null
        idle()
    }

    private fun look() {
        val core = app.fake
        isInCall = core.calls.value.isNotEmpty()
        val sights =
            listOfNotNull(
                home?.get()?.takeIf { calls == null }?.let { it.place::class.java.simpleName },
                calls?.let { "Call" + core.calls.value.firstOrNull()?.state.let { state -> state ?: "over" } },
                "a dialog".takeIf { (ShadowDialog.getLatestDialog() as? AlertDialog)?.isShowing == true },
            )
        reached += sights
        if (isInCall) reachedInCall += sights
    }

    private fun name(view: View): String {
        val words = view.contentDescription ?: (view as? TextView)?.text ?: view.all().filterIsInstance<TextView>().firstOrNull()?.text
        return "${view.javaClass.simpleName} ${words ?: ""}"
    }

    private fun <T> pick(from: List<T>): T? = if (from.isEmpty()) null else from[random.nextInt(from.size)]

    private companion object {
        const val KEPT = 20
        val TEXTS = listOf("", "b", "ben@example.org", "+41 44 668 18 00", "\u202Eevil <b>", "a".repeat(3_000), "112")
        val PEOPLE = listOf(People.BEN, People.CLEO, People.GRANDMA)
        val STRANGER = Person("stranger@example.biz")
        val INTRODUCTION = Introduction("example.biz", "Hello")
        val HAND_OVER = setOf(Action.FOLLOW_TRANSFER, Action.REFUSE_TRANSFER)
        val STATES = listOf(TestApp.ANNA.state, TestApp.ANNA.state, People.WRONG_PASSWORD, authority())

        fun authority() = AccountState.Failed(Why(Phrase("tls_trouble_unknown_authority", "6B1F")), authority = "6B1F")
    }
}
