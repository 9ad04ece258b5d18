package org.cooee.phone.notice

import android.app.Notification
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.Uri
import org.cooee.phone.R

// What all our notifications are made of.

/**
 * Who an intent is about, as its data: the system tells intents apart by action and data, and not by what lies beside. An address is its
 * sender's choice, and gets at nobody else's.
 */
fun Intent.about(address: String): Intent = setData(Uri.fromParts("cooee", address, null))

fun Context.notice(channel: String): Notification.Builder = Notification.Builder(this, channel).setSmallIcon(R.drawable.ic_notification)

/** Opens an activity once it is touched. [code] tells apart what the intents' actions and addresses do not. */
fun Context.opens(
    intent: Intent,
    code: Int = 0,
): PendingIntent = PendingIntent.getActivity(this, code, intent, PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT)
