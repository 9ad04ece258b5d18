package org.cooee.phone.notice

import android.app.Notification
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import org.cooee.phone.R

// What all our notifications are made of.

fun Context.notice(channel: String): Notification.Builder = Notification.Builder(this, channel).setSmallIcon(R.drawable.ic_notification)

/** Opens an activity once it is touched. [code] tells apart what the intents' actions and addresses do not. */
fun Context.opens(
    intent: Intent,
    code: Int = 0,
): PendingIntent = PendingIntent.getActivity(this, code, intent, PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT)
