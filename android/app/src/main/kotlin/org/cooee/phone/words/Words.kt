package org.cooee.phone.words

import android.annotation.SuppressLint
import android.content.Context
import org.cooee.model.AccountState
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Introduction
import org.cooee.model.Names
import org.cooee.model.Person
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

/** One of a few, which the core has a text for by its name. */
private fun Context.word(
    kind: String,
    one: Enum<*>,
) = say(Phrase("${kind}_${one.name.lowercase()}"))

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

fun Context.say(side: Side): String = if (side == Side.NOBODY) "" else word("story_side", side)

/** Whom a call is with, unless it withholds that; [known]: the name that the phone's contacts have. */
fun Context.who(
    call: Call,
    known: String? = null,
): String = if (call.anonymous) getString(R.string.call_anonymous) else who(call.peer, known)

fun Context.who(
    person: Person,
    known: String? = null,
): String = if (person.isWithheld) getString(R.string.call_anonymous) else Names.of(person, known)

/** Where a call is. */
fun Context.say(call: Call): String =
    when {
        call.state == CallState.RINGING -> getString(ringing(call))
        call.state == CallState.ACTIVE && call.muted -> getString(R.string.call_active_muted)
        call.state == CallState.HELD && !call.heldByUs -> getString(R.string.call_held_by_them)
        else -> word("call_state", call.state)
    }

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

fun Context.say(who: WhoRings) = word("who_rings", who)

fun Context.say(security: Security) = word("media_security", security)

fun Context.say(reach: ReachState) = if (reach == ReachState.NUMBER_ONLY) getString(R.string.reach_number) else word("reach_state", reach)

/** Whether the phone can call and be called, in a line. */
fun Context.say(status: Status): String {
    if (status.failed != null) return getString(R.string.start_failed)
    val account =
        status.telling ?: return getString(if (status.started) R.string.status_no_account else R.string.status_starting)
    val words =
        when (val state = account.state) {
            AccountState.Connecting -> R.string.status_connecting
            is AccountState.Ready -> if (state.reachable) R.string.status_reachable else R.string.status_calls_only
            is AccountState.Failed -> R.string.status_failed
        }
    return getString(words, Names.isolate(account.address))
}
