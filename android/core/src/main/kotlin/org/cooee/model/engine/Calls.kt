package org.cooee.model.engine

import org.cooee.core.CallAction
import org.cooee.core.CallDirection
import org.cooee.core.KeyTrust
import org.cooee.core.MediaSecurity
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Detail
import org.cooee.model.Introduction
import org.cooee.model.Security
import kotlin.math.roundToInt
import org.cooee.core.Call as EngineCall
import org.cooee.core.CallState as EngineCallState
import org.cooee.core.Introduction as EngineIntroduction

internal fun EngineIntroduction.toModel() = Introduction(domain, line)

internal fun EngineCall.toModel() =
    Call(
        id = id.toLong(),
        account = account.toLong(),
        incoming = direction == CallDirection.INCOMING,
        peer = peer.toModel(),
        state = state.toModel(),
        allowed = allowed.mapNotNull { it.toModel() }.toSet(),
        anonymous = anonymous,
        introduction = request?.toModel(),
        isTest = isTest,
        isOverdue = isOverdue,
        heldByUs = heldByUs,
        heldByPeer = heldByPeer,
        muted = muted,
        security = security?.toModel(),
        keyChanged = key == KeyTrust.CHANGED,
        verdicts = listOfNotNull(oneWay?.let(Wording::of)) + troubles.map(Wording::of),
        rate = figures?.run { listOfNotNull(sending, receiving).takeIf { it.isNotEmpty() }?.sumOf { it.toInt() } },
        details = details(),
        transferAsked = transferAsked?.substringAfter(':'),
        answeredAt = answered?.toMillis(),
    )

private fun EngineCall.details() =
    listOfNotNull(
        codec?.let { Detail(Detail.Kind.CODEC, it) },
        cipher?.let { Detail(Detail.Kind.CIPHER, it) },
        route?.let { Detail(Detail.Kind.LOCAL, it.local) },
        route?.let { Detail(Detail.Kind.REMOTE, it.remote) },
        figures?.let { Detail(Detail.Kind.LOSS, "${(it.loss * 100).roundToInt()} %") },
        figures?.roundTrip?.let { Detail(Detail.Kind.ROUND_TRIP, "${it.toMillis()} ms") },
        figures?.let { Detail(Detail.Kind.JITTER, "${it.jitter.toMillis()} ms") },
    )

/** A call that a push has announced rings like one that is here. */
private fun EngineCallState.toModel() = if (this == EngineCallState.ANNOUNCED) CallState.RINGING else CallState.valueOf(name)

private fun MediaSecurity.toModel() = Security.valueOf(name)

/** None for what only a later app has a button for. */
private fun CallAction.toModel() = Action.entries.firstOrNull { it.name == name }
