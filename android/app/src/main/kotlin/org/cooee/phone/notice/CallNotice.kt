package org.cooee.phone.notice

import android.annotation.TargetApi
import android.app.Notification
import android.app.PendingIntent
import android.app.Person
import android.content.Context
import android.graphics.drawable.Icon
import android.os.Build
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.contacts.Contact
import org.cooee.phone.service.CallReceiver
import org.cooee.phone.words.say
import org.cooee.phone.words.who

/** The notification of a call: the system's own for calls from Android 12 on. */
class CallNotice(private val context: Context) {
    /** [contact]: who that is in the phone's contacts, by which the system knows whether they may disturb. */
    @TargetApi(Build.VERSION_CODES.P)
    fun of(
        call: Call,
        contact: Contact? = null,
    ): Notification {
        val who = person(context.who(call, contact?.name), contact.takeIf { !call.anonymous })
        val show = context.opens(CallActivity.show(context), SHOW)
        val builder =
            context
                .notice(if (call.ringsAloud) Channels.RINGING else Channels.CALL)
                .setContentTitle(who.name)
                .setContentText(context.say(call))
                .setCategory(Notification.CATEGORY_CALL)
                .setContentIntent(show)
                .setOngoing(true)
                .setVisibility(Notification.VISIBILITY_PUBLIC)
        if (call.ringsAloud) builder.setFullScreenIntent(show, true)
        if (who.uri != null) builder.addPerson(who)
        call.answeredAt?.let { builder.setWhen(it).setUsesChronometer(true) }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) style(builder, call, who) else actions(builder, call)
        return builder.build()
    }

    /** What shows for the moment that a service needs to find that there is no call any more. */
    fun ofNone(): Notification = context.notice(Channels.CALL).build()

    /** Answering opens the activity, so that the microphone may be used; declining needs no screen. */
    private fun answer(call: Call) = context.opens(CallActivity.answer(context, call.id), ANSWER)

    private fun decline(call: Call) = broadcast(call, Action.DECLINE)

    private fun hangUp(call: Call) = broadcast(call, Action.HANG_UP)

    @TargetApi(Build.VERSION_CODES.S)
    private fun style(
        builder: Notification.Builder,
        call: Call,
        person: Person,
    ) {
        builder.style =
            if (Action.ANSWER in call.allowed) {
                Notification.CallStyle.forIncomingCall(person, decline(call), answer(call))
            } else {
                Notification.CallStyle.forOngoingCall(person, hangUp(call))
            }
    }

    @TargetApi(Build.VERSION_CODES.P)
    private fun person(
        name: String,
        contact: Contact?,
    ): Person =
        Person
            .Builder()
            .setName(name)
            .setImportant(true)
            .setUri(contact?.uri)
            .build()

    private fun actions(
        builder: Notification.Builder,
        call: Call,
    ) {
        if (Action.ANSWER in call.allowed) builder.addAction(action(R.drawable.ic_call, R.string.call_answer, answer(call)))
        if (Action.DECLINE in call.allowed) builder.addAction(action(R.drawable.ic_hang_up, R.string.call_decline, decline(call)))
        if (Action.HANG_UP in call.allowed) builder.addAction(action(R.drawable.ic_hang_up, R.string.call_hang_up, hangUp(call)))
    }

    private fun action(
        icon: Int,
        text: Int,
        does: PendingIntent,
    ) = Notification.Action.Builder(Icon.createWithResource(context, icon), context.getString(text), does).build()

    private fun broadcast(
        call: Call,
        action: Action,
    ) = PendingIntent.getBroadcast(
        context,
        action.ordinal,
        CallReceiver.of(context, call.id, action),
        PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT,
    )

    private companion object {
        const val SHOW = 1
        const val ANSWER = 2
    }
}
