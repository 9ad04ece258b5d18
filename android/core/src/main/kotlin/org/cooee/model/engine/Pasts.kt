package org.cooee.model.engine

import org.cooee.core.CallDirection
import org.cooee.core.CallRequest
import org.cooee.core.PastCall
import org.cooee.core.Phone
import org.cooee.core.TextFate
import org.cooee.core.TextMessage
import org.cooee.model.Core
import org.cooee.model.Past
import org.cooee.model.Request
import org.cooee.model.Why

internal fun PastCall.toModel() =
    Past(
        number = number.toLong(),
        at = begun.toMillis(),
        incoming = direction == CallDirection.INCOMING,
        peer = peer.toModel(),
        missed = missed,
        isNew = new,
        times = times.toInt(),
        why = Why(Wording.of(reason), fault.toModel()),
        seconds = talked?.toSeconds(),
    )

internal fun TextMessage.toModel() =
    Past(message.toLong(), at.toMillis(), incoming = fate is TextFate.Received, peer = peer.toModel(), isNew = new, text = text)

internal fun CallRequest.toModel() = Request(from.toModel(), introduction.toModel(), at.toMillis(), times.toInt())

/** Calls and texts before this call, the newest first. */
internal suspend fun Phone.past(before: Long?): List<Past> {
    val page = Core.PAGE.toUInt()
    val calls = log(before?.toULong(), page).calls.map { it.toModel() }
    // Where older calls follow, older messages would stand before them.
    val since = if (calls.size < Core.PAGE) 0 else calls.last().at
    val texts = if (before == null) texts(null, page).texts.map { it.toModel() }.filter { it.at >= since } else emptyList()
    return (calls + texts).sortedByDescending { it.at }
}
