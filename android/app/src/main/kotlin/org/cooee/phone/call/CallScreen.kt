package org.cooee.phone.call

import android.content.Context
import android.os.SystemClock
import android.view.LayoutInflater
import android.view.View
import android.widget.Button
import android.widget.Chronometer
import android.widget.TextView
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.Introduction
import org.cooee.model.Moment
import org.cooee.model.Names
import org.cooee.model.Security
import org.cooee.phone.R
import org.cooee.phone.call.CallEvent.OwnersTouch
import org.cooee.phone.call.CallEvent.Touch
import org.cooee.phone.phone
import org.cooee.phone.screen.Keypad
import org.cooee.phone.screen.Question
import org.cooee.phone.screen.Question.What
import org.cooee.phone.screen.Screen
import org.cooee.phone.shown
import org.cooee.phone.telecom.Route
import org.cooee.phone.view
import org.cooee.phone.words.rate
import org.cooee.phone.words.say
import org.cooee.phone.words.who

/** A call: who, where it is, who can hear it, what is wrong with it, and what can be done. */
class CallScreen(
    context: Context,
    model: CallModel,
) : Screen<CallScreenState, CallEvent>(model, checkNotNull(LayoutInflater.from(context).inflate(R.layout.call, null))) {
    private val context = root.context
    private val dialogs = CallDialogs(context, model::on, model::asOwner, ::ask)
    private val keypad = Keypad(root.view(R.id.keypad)) { model.on(CallEvent.Key(it)) }

    init {
        mapOf(
            R.id.answer to Touch.ANSWER,
            R.id.end_answer to Touch.END_AND_ANSWER,
            R.id.decline to Touch.DECLINE,
            R.id.hang_up to Touch.HANG_UP,
            R.id.mute to Touch.MUTE,
            R.id.hold to Touch.HOLD,
            R.id.keys to Touch.KEYPAD,
            R.id.speak to OwnersTouch.SPEAK,
            R.id.add to Touch.ADD,
            R.id.swap to Touch.SWAP,
            R.id.follow to OwnersTouch.FOLLOW,
            R.id.refuse to Touch.REFUSE,
            R.id.allow to OwnersTouch.ALLOW,
            R.id.block to OwnersTouch.BLOCK,
            R.id.again to OwnersTouch.AGAIN,
            R.id.why to Touch.WHY,
            R.id.close to Touch.CLOSE,
        ).forEach { (id, event) -> root.view<View>(id).setOnClickListener { model.on(event) } }
        root.view<View>(R.id.transfer).setOnClickListener { model.asOwner { askOfCall(What.TRANSFER) } }
        root.view<View>(R.id.message).setOnClickListener { askOfCall(What.REPLY) }
        root.view<View>(R.id.route).setOnClickListener { pickRoute() }
        root.view<View>(R.id.security).setOnClickListener { askOfCall(What.DETAILS) }
    }

    private fun askOfCall(what: What) {
        model.state.value.call?.let { ask(Question(what, it.id)) }
    }

    override fun dialog(question: Question) = dialogs.of(question, model.state.value)

    private fun pickRoute() {
        val routes = model.state.value.routes
        val simple = setOf(Route.EARPIECE, Route.SPEAKER)
        if (simple.containsAll(routes.available)) {
            model.on(CallEvent.To(if (routes.current == Route.SPEAKER) Route.EARPIECE else Route.SPEAKER))
        } else {
            askOfCall(What.ROUTE)
        }
    }

    override fun draw(state: CallScreenState) {
        val call = state.call
        drawPerson(state)
        root.view<TextView>(R.id.account).text = state.account?.let { context.getString(accountWords(call), Names.isolate(it)) }
        root.view<TextView>(R.id.state).run {
            val says = call?.let { context.say(it) } ?: state.ended?.let { context.say(it.why) }.orEmpty()
            // Set again, a screen reader would say it again.
            if (text.toString() != says) text = says
        }
        drawTimer(call)
        drawSecurity(call?.security)
        drawRate(call)
        drawVerdict(state)
        drawOther(state)
        drawIntroduction(call?.introduction)
        drawAsked(call)
        drawControls(state)
        drawEnded(state.ended)
    }

    private fun accountWords(call: Call?) = if (call?.incoming == true) R.string.call_at_account else R.string.call_from_account

    private fun drawPerson(state: CallScreenState) {
        val peer = state.peer ?: return
        val isHidden = state.call?.anonymous == true || peer.isWithheld
        val name = state.call?.let { context.who(it, state.contact?.name) } ?: context.who(peer, state.contact?.name)
        root.view<TextView>(R.id.avatar).run {
            context.phone.portraits.show(this, name, state.contact?.photo.takeIf { !isHidden })
            shown = !state.keypad
        }
        root.view<TextView>(R.id.name).text = name
        root.view<TextView>(R.id.address).run {
            text = Names.tame(peer.address)
            shown = !isHidden && text.toString() != name
        }
    }

    private fun drawTimer(call: Call?) =
        root.view<Chronometer>(R.id.timer).run {
            val answered = call?.answeredAt
            shown = answered != null
            if (answered != null) {
                base = SystemClock.elapsedRealtime() - (System.currentTimeMillis() - answered)
                start()
            } else {
                stop()
            }
        }

    private fun drawSecurity(security: Security?) =
        root.view<TextView>(R.id.security).run {
            shown = security != null
            val icon =
                when (security) {
                    Security.NONE, null -> R.drawable.ic_unlocked

                    // No padlock for less than end to end.
                    Security.TO_SERVERS -> R.drawable.ic_server

                    Security.END_TO_END -> R.drawable.ic_lock

                    Security.VERIFIED -> R.drawable.ic_verified
                }
            text = security?.let { context.say(it) }
            setCompoundDrawablesRelativeWithIntrinsicBounds(icon, 0, 0, 0)
        }

    private fun drawRate(call: Call?) =
        root.view<TextView>(R.id.rate).run {
            val rate = call?.rate
            shown = rate != null
            text = rate?.let { context.rate(it) }
        }

    private fun drawVerdict(state: CallScreenState) =
        root.view<TextView>(R.id.verdict).run {
            val verdicts = state.call?.verdicts.orEmpty().map { context.say(it) }
            val own =
                listOfNotNull(
                    R.string.call_key_changed.takeIf { state.call?.keyChanged == true },
                    R.string.call_listen_only.takeIf { state.listenOnly },
                )
            val says = own.map(context::getString) + verdicts
            root.view<View>(R.id.speak).shown = state.listenOnly
            shown = says.isNotEmpty()
            if (text.toString() != says.joinToString("\n")) text = says.joinToString("\n")
        }

    private fun drawOther(state: CallScreenState) {
        val other = state.other
        root.view<View>(R.id.other).shown = other != null
        root.view<TextView>(R.id.other_text).text =
            other?.let { context.getString(R.string.call_other, Names.isolate(context.who(it)), context.say(it)) }
        root.view<View>(R.id.swap).shown = other != null && Action.RESUME in other.allowed && state.call?.rings != true
    }

    /** What a stranger says, who vouches for it, and the two answers besides taking the call. */
    private fun drawIntroduction(introduction: Introduction?) {
        root.view<View>(R.id.introduction).shown = introduction != null
        root.view<TextView>(R.id.introduction_text).text = introduction?.let { context.say(it) }
    }

    private fun drawAsked(call: Call?) {
        val allowed = call?.allowed.orEmpty()
        val target = call?.transferAsked
        root.view<View>(R.id.asked).shown = target != null
        root.view<TextView>(R.id.asked_text).text = target?.let { context.getString(R.string.call_transfer_asked, Names.isolate(it)) }
        root.view<View>(R.id.follow).shown = Action.FOLLOW_TRANSFER in allowed
        root.view<View>(R.id.refuse).shown = Action.REFUSE_TRANSFER in allowed
    }

    /** A button shows if and only if its action is allowed. */
    private fun drawControls(state: CallScreenState) {
        val call = state.call
        val allowed = call?.allowed.orEmpty()
        val isSecond = state.other != null && Action.ANSWER in allowed
        val inCall = call != null && Action.ANSWER !in allowed
        val show = { id: Int, shown: Boolean -> root.view<View>(id).shown = shown }
        show(R.id.controls, inCall)
        show(R.id.mute, Action.MUTE in allowed || Action.UNMUTE in allowed)
        show(R.id.route, inCall)
        show(R.id.hold, Action.HOLD in allowed || Action.RESUME in allowed)
        show(R.id.keys, Action.DIGIT in allowed)
        show(R.id.add, call?.isAnswered == true && state.other == null)
        show(R.id.transfer, Action.TRANSFER in allowed)
        show(R.id.answer, Action.ANSWER in allowed)
        show(R.id.end_answer, isSecond)
        show(R.id.decline, Action.DECLINE in allowed)
        show(R.id.message, Action.DECLINE in allowed && call?.isTest == false && !call.anonymous && call.introduction == null)
        show(R.id.hang_up, Action.HANG_UP in allowed)
        root.view<Button>(R.id.answer).setText(if (isSecond) R.string.call_hold_answer else R.string.call_answer)
        press(R.id.mute, call?.muted == true)
        press(R.id.hold, call?.heldByUs == true)
        press(R.id.keys, state.keypad)
        keypad.shown = state.keypad
        root.view<ControlButton>(
            R.id.route,
        ).show(RouteWords.icon(state.routes.current), context.getString(RouteWords.name(state.routes.current)))
        press(R.id.route, state.routes.current != Route.EARPIECE)
    }

    private fun press(
        id: Int,
        pressed: Boolean,
    ) = root.view<ControlButton>(id).press(pressed, context.getString(if (pressed) R.string.on else R.string.off))

    private fun drawEnded(ended: Moment.Ended?) {
        root.view<View>(R.id.again).shown = ended?.peer?.isWithheld == false
        listOf(R.id.why, R.id.close).forEach { root.view<View>(it).shown = ended != null }
    }

    override val hasBack get() = model.state.value.keypad

    override fun back() = model.on(Touch.KEYPAD)
}
