package org.cooee.phone.words

import android.annotation.SuppressLint
import android.content.Context
import org.cooee.model.AccountState
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Phrase
import org.cooee.model.ReachState
import org.cooee.model.Security
import org.cooee.model.Side
import org.cooee.model.Status
import org.cooee.model.WhoRings
import org.cooee.model.Why
import org.cooee.phone.R
import java.time.Duration

// What the core says, in the person's language.

/** Tests have it that there is a text for each phrase in every language, and res/raw/keep.xml keeps them. */
@SuppressLint("DiscouragedApi")
fun Context.say(phrase: Phrase): String {
    val text = getString(resources.getIdentifier(phrase.name, "string", packageName))
    return text.format(*phrase.arguments.map { say(it) }.toTypedArray())
}

/** What stands in a sentence. */
private fun Context.say(argument: Any): String =
    when (argument) {
        is Phrase -> say(argument)
        is Duration -> getString(R.string.seconds, argument.toMillis() / 1000f)
        is Number -> argument.toString()
        else -> Names.isolate(argument.toString())
    }

/** What happened, whose side it was on, and what to do, in that order. */
fun Context.say(why: Why): String =
    listOf(sayShortly(why), why.advice?.let { say(it) }.orEmpty()).filter { it.isNotEmpty() }.joinToString(" ")

/** The same, without what to do. */
fun Context.sayShortly(why: Why): String = listOf(say(why.what), say(why.side)).filter { it.isNotEmpty() }.joinToString(" ")

fun Context.say(side: Side): String =
    when (side) {
        Side.YOURS -> R.string.story_side_yours
        Side.YOUR_SERVER -> R.string.story_side_your_server
        Side.NETWORK -> R.string.story_side_network
        Side.THEIR_SERVER -> R.string.story_side_their_server
        Side.THEIRS -> R.string.story_side_theirs
        Side.NOBODY -> null
    }?.let(::getString).orEmpty()

/** Whom a call is with, unless it withholds that; [known]: the name that the phone's contacts have. */
fun Context.who(
    call: Call,
    known: String? = null,
): String = if (call.anonymous) getString(R.string.call_anonymous) else Names.of(call.peer, known)

/** Where a call is. */
fun Context.say(call: Call): String =
    getString(
        when (call.state) {
            CallState.DIALING -> R.string.call_state_dialing
            CallState.RINGING -> ringing(call)
            CallState.CONNECTING -> R.string.call_state_connecting
            CallState.ACTIVE -> if (call.muted) R.string.call_active_muted else R.string.call_state_active
            CallState.HELD -> if (call.heldByUs) R.string.call_state_held else R.string.call_held_by_them
            CallState.RECONNECTING -> R.string.call_state_reconnecting
            CallState.ENDED -> R.string.call_state_ended
        },
    )

private fun ringing(call: Call) =
    when {
        !call.incoming -> R.string.call_state_ringing
        call.isTest -> R.string.call_test
        call.silently -> R.string.call_request
        else -> R.string.call_incoming
    }

/** What a stranger says, and whose word it is who they are. */
fun Context.say(introduction: Introduction): String =
    listOfNotNull(
        introduction.line?.let(Names::tame),
        introduction.provenDomain?.let { getString(R.string.requests_proven, Names.isolate(it)) }
            ?: getString(R.string.requests_unproven),
    ).joinToString("\n")

fun Context.say(who: WhoRings): String =
    getString(
        when (who) {
            WhoRings.EVERYBODY -> R.string.who_rings_everybody
            WhoRings.OWN_DOMAIN -> R.string.who_rings_own_domain
            WhoRings.KNOWN -> R.string.who_rings_known
        },
    )

fun Context.say(security: Security): String =
    getString(
        when (security) {
            Security.NONE -> R.string.media_security_none
            Security.TO_SERVERS -> R.string.media_security_to_servers
            Security.END_TO_END -> R.string.media_security_end_to_end
            Security.VERIFIED -> R.string.media_security_verified
        },
    )

fun Context.say(reach: ReachState): String =
    getString(
        when (reach) {
            ReachState.ANSWERED -> R.string.reach_state_answered
            ReachState.PUBLISHES_CALLS -> R.string.reach_state_publishes_calls
            ReachState.NUMBER_ONLY -> R.string.reach_number
            ReachState.REFUSES -> R.string.reach_state_refuses
            ReachState.NO_SUCH_USER -> R.string.reach_state_no_such_user
            ReachState.NOT_PUBLISHED -> R.string.reach_state_not_published
            ReachState.UNKNOWN -> R.string.reach_state_unknown
        },
    )

/** Whether the phone can call and be called, in a line. */
fun Context.say(status: Status): String {
    val account =
        status.accounts.firstOrNull() ?: return getString(if (status.started) R.string.status_no_account else R.string.status_starting)
    val words =
        when (val state = account.state) {
            AccountState.Connecting -> R.string.status_connecting
            is AccountState.Ready -> if (state.reachable) R.string.status_reachable else R.string.status_calls_only
            is AccountState.Failed -> R.string.status_failed
        }
    return getString(words, Names.isolate(account.address))
}
