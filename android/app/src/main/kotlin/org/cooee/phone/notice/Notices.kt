package org.cooee.phone.notice

import android.annotation.TargetApi
import android.app.Notification
import android.app.Notification.MessagingStyle.Message
import android.app.NotificationManager
import android.content.Context
import android.graphics.drawable.Icon
import android.os.Build
import org.cooee.model.Names
import org.cooee.model.Person
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.service
import org.cooee.phone.words.who
import android.app.Person as Sender

/** What waits to be seen: missed calls and messages. */
class Notices(private val context: Context) {
    private val manager = context.service<NotificationManager>()

    fun missed(
        peer: Person,
        name: String?,
    ) {
        val who = context.who(peer, name)
        val icon = Icon.createWithResource(context, R.drawable.ic_call)
        val callBack =
            Notification.Action.Builder(
                icon,
                context.getString(R.string.call_back),
                context.opens(CallActivity.call(context, peer.address)),
            ).build()
        val notice =
            builder(Channels.MISSED, Place.Recents)
                .setContentTitle(context.getString(R.string.notice_missed, who))
                .setCategory(Notification.CATEGORY_MISSED_CALL)
        if (!peer.isWithheld) notice.setContentText(Names.tame(peer.address)).addAction(callBack)
        post(MISSED, peer, notice)
    }

    @TargetApi(Build.VERSION_CODES.P)
    fun message(
        from: Person,
        text: String,
        name: String?,
    ) = post(
        MESSAGE,
        from,
        builder(Channels.MESSAGES, Place.Contact(from))
            .setStyle(conversation(from, name).addMessage(line(from, text, name)))
            .setCategory(Notification.CATEGORY_MESSAGE),
    )

    @TargetApi(Build.VERSION_CODES.P)
    private fun line(
        from: Person,
        text: String,
        name: String?,
    ) = Message(Names.whole(text), System.currentTimeMillis(), Sender.Builder().setName(Names.of(from, name)).build())

    /** With what they wrote before and nobody has looked at. */
    @TargetApi(Build.VERSION_CODES.P)
    private fun conversation(
        with: Person,
        name: String?,
    ): Notification.MessagingStyle {
        val shown = of(MESSAGE).firstOrNull { it.tag == "$MESSAGE ${with.address}" }?.notification
        val style = shown?.let { Notification.Builder.recoverBuilder(context, it).style } as? Notification.MessagingStyle
        return style ?: Notification.MessagingStyle(Sender.Builder().setName(context.getString(R.string.app_name)).build())
    }

    /**
     * One for all strangers, and one for all that came while nobody was to disturb, by the place where they stand: the system shows only so
     * many of an app, and anybody can be a stranger.
     */
    fun quiet(
        opens: Place,
        count: Int,
    ) {
        if (count == 0) return quietSeen(opens)
        val text = if (opens == Place.Requests) R.plurals.notice_strangers else R.plurals.notice_undisturbed
        val title = context.resources.getQuantityString(text, count, count)
        manager.notify("$opens", 1, builder(Channels.QUIET, opens).setContentTitle(title).build())
    }

    fun showsQuiet(opens: Place) = manager.activeNotifications.any { it.tag == "$opens" }

    /** The place is looked at. */
    fun quietSeen(opens: Place) = manager.cancel("$opens", 1)

    /** A call was answered by a headset or a car, and the system did not let us show it: never silence. */
    fun openToSpeak(call: Long) =
        manager.notify(
            OPEN,
            1,
            context
                .notice(Channels.RINGING)
                .setContentTitle(context.getString(R.string.notice_open))
                .setContentIntent(context.opens(CallActivity.answer(context, call)))
                .setAutoCancel(true)
                .build(),
        )

    /** It is open, or there is nothing to speak any more. */
    fun opened() = manager.cancel(OPEN, 1)

    private fun builder(
        channel: String,
        opens: Place,
    ) = context
        .notice(channel)
        .setAutoCancel(true)
        .setContentIntent(context.opens(HomeActivity.at(context, opens)))

    /** The oldest give way: what they told stands among the past calls and messages. */
    private fun post(
        kind: String,
        about: Person,
        notice: Notification.Builder,
    ) {
        val shown = of(kind).filter { it.tag != "$kind ${about.address}" }.sortedBy { it.notification.`when` }
        shown.dropLast(MOST - 1).forEach { manager.cancel(it.tag, 1) }
        manager.notify("$kind ${about.address}", 1, notice.build())
    }

    private fun of(kind: String) = manager.activeNotifications.filter { it.tag?.startsWith("$kind ") == true }

    /** Somebody is called: what was missed of them is seen. */
    fun seen(address: String) = manager.cancel("$MISSED $address", 1)

    /** The list of past calls is looked at. */
    fun missedSeen() {
        of(MISSED).forEach { manager.cancel(it.tag, 1) }
        quietSeen(Place.Recents)
    }

    /** The messages of somebody are looked at. */
    fun messagesSeen(address: String) = manager.cancel("$MESSAGE $address", 1)

    private companion object {
        const val MISSED = "missed"
        const val MESSAGE = "message"
        const val OPEN = "open"

        /** Of a kind: with two kinds and the rest of ours fewer than any Android shows of an app. */
        const val MOST = 9
    }
}
