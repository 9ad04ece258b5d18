package org.cooee.model.engine

import org.cooee.core.Event
import org.cooee.model.Moment
import org.cooee.model.Why

/** None for what the states show, or what only a later app tells. */
internal fun Event.toModel(): Moment? =
    when (this) {
        is Event.CallEnded -> Moment.Ended(call.toLong(), peer.toModel(), Why(Wording.of(reason), fault.toModel()), missed)
        is Event.CallLogged -> Moment.Logged(call.toLong(), number.toLong())
        is Event.DialRefused -> Moment.DialRefused(call.toLong(), Why(Wording.of(reason)))
        is Event.MessageReceived -> Moment.Message(from.toModel(), text, silently)
        is Event.MessageFailed -> Moment.MessageFailed(message.toLong(), Wording.of(trouble))
        is Event.ActionFailed -> Moment.ActionFailed(call.toLong())
        is Event.Transfer -> Moment.Transfer(call.toLong(), Wording.of(progress))
        is Event.DeviceFailed -> Moment.NoSound(Wording.of(trouble))
        is Event.RingTested -> Moment.RingTested(Wording.of(test.proof), test.reason?.let(Wording::of))
        is Event.Overflow -> Moment.Overflow
        else -> null
    }
