package org.cooee.phone.words

import android.content.Context
import android.text.format.DateUtils
import org.cooee.phone.R

// Times as people say them.

/** When something was, shortly: "3 Nov, 14:02". */
fun Context.day(at: Long): String =
    DateUtils.formatDateTime(
        this,
        at,
        DateUtils.FORMAT_SHOW_TIME or DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_NO_YEAR or DateUtils.FORMAT_ABBREV_ALL,
    )

/** How long ago something was looked up. */
fun Context.checked(at: Long): String =
    getString(R.string.reach_checked, DateUtils.getRelativeTimeSpanString(at, System.currentTimeMillis(), DateUtils.MINUTE_IN_MILLIS))

/** How long something took: "1:23". */
fun length(seconds: Long): String = DateUtils.formatElapsedTime(seconds)

/** Octets a second. */
fun Context.rate(octets: Int): String = getString(R.string.call_rate, octets / 1000f)
