package org.cooee.model.engine

import org.cooee.core.CallDirection
import org.cooee.core.CallRequest
import org.cooee.core.PastCall
import org.cooee.core.PhoneInterface
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
    Past(
        number = message.toLong(),
        at = at.toMillis(),
        incoming = fate is TextFate.Received,
        peer = peer.toModel(),
        isNew = new,
        why = (fate as? TextFate.Failed)?.trouble?.let { Why(Wording.of(it)) },
        text = text,
        failed = fate is TextFate.Failed,
    )

internal fun CallRequest.toModel() = Request(from.toModel(), introduction.toModel(), at.toMillis(), times.toInt())

/** Calls and texts have numbers of their own, and go one after the other in each. */
internal suspend fun PhoneInterface.page(
    shown: List<Past>,
    with: List<String>?,
): List<Past> {
    val (n, last) = Core.PAGE.toUInt() to { isText: Boolean -> shown.lastOrNull { (it.text != null) == isText }?.number?.toULong() }
    val calls = if (with == null) log(last(false), n) else logWith(with, last(false), n)
    val texts = if (with == null) texts(last(true), n) else textsWith(with, last(true), n)
    return (calls.calls.map { it.toModel() } + texts.texts.map { it.toModel() }).sortedByDescending { it.at }.take(Core.PAGE)
}
