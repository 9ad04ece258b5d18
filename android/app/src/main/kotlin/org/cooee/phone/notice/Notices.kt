package org.cooee.phone.notice

import android.app.Notification
import android.app.NotificationManager
import android.content.Context
import android.graphics.drawable.Icon
import android.net.Uri
import org.cooee.model.Person
import org.cooee.phone.HomeActivity
import org.cooee.phone.R
import org.cooee.phone.call.CallActivity
import org.cooee.phone.screen.Place
import org.cooee.phone.service
import org.cooee.phone.words.Names

/** What waits to be seen: missed calls and messages. */
class Notices(
    private val context: Context,
) {
    private val manager = context.service<NotificationManager>()

    fun missed(
        peer: Person,
        name: String?,
        quietly: Boolean,
    ) {
        val who = Names.of(peer, name)
        // The address as data: what only lies beside it does not tell one such intent from another.
        val call = CallActivity.call(context, peer.address).setData(Uri.fromParts(SCHEME, peer.address, null))
        val icon = Icon.createWithResource(context, R.drawable.ic_call)
        val callBack = Notification.Action.Builder(icon, context.getString(R.string.call_back), context.opens(call)).build()
        post(
            MISSED,
            peer,
            builder(if (quietly) Channels.QUIET else Channels.MISSED, Place.Recents)
                .setContentTitle(context.getString(R.string.notice_missed, who))
                .setContentText(Names.tame(peer.address))
                .setCategory(Notification.CATEGORY_MISSED_CALL)
                .addAction(callBack),
        )
    }

    fun message(
        from: Person,
        text: String,
        name: String?,
        quietly: Boolean,
    ) = post(
        MESSAGE,
        from,
        builder(if (quietly) Channels.QUIET else Channels.MESSAGES, Place.Contact(from))
            .setContentTitle(Names.of(from, name))
            .setContentText(text)
            .setStyle(Notification.BigTextStyle().bigText(text))
            .setCategory(Notification.CATEGORY_MESSAGE),
    )

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
        .setContentIntent(context.opens(HomeActivity.at(context, opens), opens.hashCode()))

    private fun post(
        kind: String,
        about: Person,
        notice: Notification.Builder,
    ) = manager.notify("$kind ${about.address}", 1, notice.build())

    /** Somebody is called: what was missed of them is seen. */
    fun seen(address: String) = manager.cancel("$MISSED $address", 1)

    /** The list of past calls is looked at. */
    fun missedSeen() = manager.activeNotifications.mapNotNull { it.tag }.filter { it.startsWith(MISSED) }.forEach { manager.cancel(it, 1) }

    /** The messages of somebody are looked at. */
    fun messagesSeen(address: String) = manager.cancel("$MESSAGE $address", 1)

    private companion object {
        const val MISSED = "missed"
        const val MESSAGE = "message"
        const val OPEN = "open"
        const val SCHEME = "cooee"
    }
}
