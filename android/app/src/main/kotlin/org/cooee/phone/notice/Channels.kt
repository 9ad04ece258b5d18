package org.cooee.phone.notice

import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context
import org.cooee.phone.R
import org.cooee.phone.service

/** The kinds of our notifications, which the system lets people turn off one by one. */
object Channels {
    const val RINGING = "ringing"
    const val CALL = "call"
    const val MISSED = "missed"
    const val QUIET = "quiet"
    const val MESSAGES = "messages"
    const val REACH = "reach"

    fun create(context: Context) {
        // The ringing is our own, so that it obeys the ringer mode and the volume keys.
        val silent = setOf(RINGING, CALL)
        val channels =
            listOf(
                Triple(RINGING, R.string.channel_ringing, NotificationManager.IMPORTANCE_HIGH),
                Triple(CALL, R.string.channel_call, NotificationManager.IMPORTANCE_DEFAULT),
                Triple(MISSED, R.string.channel_missed, NotificationManager.IMPORTANCE_DEFAULT),
                Triple(QUIET, R.string.channel_quiet, NotificationManager.IMPORTANCE_LOW),
                Triple(MESSAGES, R.string.channel_messages, NotificationManager.IMPORTANCE_DEFAULT),
                Triple(REACH, R.string.channel_reach, NotificationManager.IMPORTANCE_MIN),
            ).map { (id, name, importance) ->
                NotificationChannel(id, context.getString(name), importance).apply { if (id in silent) setSound(null, null) }
            }
        context.service<NotificationManager>().createNotificationChannels(channels)
    }
}
