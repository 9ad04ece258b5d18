package org.cooee.phone.call

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.KeyEvent
import org.cooee.phone.CooeeActivity
import org.cooee.phone.HomeActivity
import org.cooee.phone.call.CallEvent.Touch
import org.cooee.phone.notice.about
import org.cooee.phone.phone
import org.cooee.phone.screen.Edges
import org.cooee.phone.screen.Place
import org.cooee.phone.screen.Wish

/** The calls, also over the lock screen. */
class CallActivity : CooeeActivity() {
    private lateinit var model: CallModel
    private lateinit var screen: CallScreen

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        model = CallModel(scope, phone, this)
        screen = CallScreen(this, model)
        setContentView(screen.root)
        Edges.fit(this, screen.root)
        screen.begin(scope, saved?.getBundle(SCREEN)) { back.setOwn(screen.hasBack) }
        if (saved == null) obey(intent) else leaveIfOver()
    }

    /** Nobody is to be shown: the process that had the calls has ended, or no call came of what was touched. */
    fun leaveIfOver() {
        val isNobody = phone.core.calls.value.isEmpty() && phone.switchboard.ended.value == null
        if (isNobody && wish !is Wish.Dial && !phone.dialler.isUnderWay) finish()
    }

    override fun settled() = leaveIfOver()

    override fun onSaveInstanceState(out: Bundle) {
        super.onSaveInstanceState(out)
        out.putBundle(SCREEN, screen.keep())
    }

    override fun onDestroy() {
        screen.leave()
        super.onDestroy()
    }

    override fun onNewIntent(intent: Intent?) {
        super.onNewIntent(intent)
        obey(intent)
    }

    /**
     * "Answer" and "Call back" on a notification, a headset or a car come here, so that the microphone may be used. Whoever comes back from
     * the list of recent apps has touched neither.
     */
    private fun obey(intent: Intent?) {
        if (intent == null || intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY != 0) return
        when (intent.action) {
            Intent.ACTION_ANSWER -> model.on(CallEvent.Of(intent.getLongExtra(CALL, -1), Touch.ANSWER))
            Intent.ACTION_CALL -> intent.getStringExtra(WHOM)?.let { unlocked { call(it) } }
        }
    }

    private fun call(whom: String) {
        phone.dialler.dial(whom, this)
        leaveIfOver()
    }

    override fun onStart() {
        super.onStart()
        phone.switchboard.visible(this, true)
    }

    /** It comes back from where the microphone is allowed. */
    override fun onResume() {
        super.onResume()
        model.look()
    }

    override fun onStop() {
        phone.switchboard.visible(this, false)
        super.onStop()
    }

    /** The volume keys silence the ringing first. */
    override fun onKeyDown(
        key: Int,
        event: KeyEvent?,
    ): Boolean {
        val isVolume = key == KeyEvent.KEYCODE_VOLUME_UP || key == KeyEvent.KEYCODE_VOLUME_DOWN
        return (isVolume && phone.ringer.silence()) || super.onKeyDown(key, event)
    }

    override fun goBack() = if (screen.hasBack) screen.back() else finish()

    override fun go(place: Place) = unlocked { startActivity(HomeActivity.at(this, place)) }

    override fun back() = finish()

    override fun showCalls() = Unit

    companion object {
        fun show(context: Context): Intent = Intent(context, CallActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)

        /** Shows the calls and takes this one, if it rings. */
        fun answer(
            context: Context,
            call: Long,
        ): Intent = show(context).setAction(Intent.ACTION_ANSWER).putExtra(CALL, call)

        /** Calls somebody and shows it. */
        fun call(
            context: Context,
            whom: String,
        ): Intent = show(context).setAction(Intent.ACTION_CALL).putExtra(WHOM, whom).about(whom)

        private const val SCREEN = "screen"
        private const val CALL = "call"
        private const val WHOM = "whom"
    }
}
