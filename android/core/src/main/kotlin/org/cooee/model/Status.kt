package org.cooee.model

/** Whether the phone can call and be called. */
data class Status(
    /** The core is there; before that nothing else here says anything. */
    val started: Boolean = false,
    /** Why the core cannot start, for a report; none while it may. */
    val failed: String? = null,
    val accounts: List<Account> = emptyList(),
    /** What ringing needs, each with whether it is so. */
    val conditions: List<Condition> = emptyList(),
    val doNotDisturb: Boolean = false,
    val rejectAnonymous: Boolean = false,
    /** Calls take little data. */
    val lowData: Boolean = false,
    val whoRings: WhoRings = WhoRings.OWN_DOMAIN,
) {
    /** The first account that does not work. */
    val failing get() = accounts.firstOrNull { it.state is AccountState.Failed }

    /** Whose state says how it stands: one that does not work, else one that does not yet, else the first. */
    val telling get() = failing ?: accounts.firstOrNull { it.state is AccountState.Connecting } ?: accounts.firstOrNull()

    val canCall get() = accounts.any { it.state is AccountState.Ready }
}

/** Whose calls ring aloud; those of all others ask without a sound. */
enum class WhoRings { EVERYBODY, OWN_DOMAIN, KNOWN }

/** An account as it is now. */
data class Account(
    val id: Long,
    /** E.g. anna at example.org, as people write it. */
    val address: String,
    /** What the people called are shown. */
    val name: String? = null,
    val state: AccountState,
    /** New voice messages at its server; none if it has not said so. */
    val voiceMessages: Int? = null,
    /** So often it was told to log in anew: a state with a higher number than before is of the new log-in. */
    val attempts: Long = 0,
)

/** Where an account is with its server. */
sealed interface AccountState {
    /** Looking for its server, or logging in. */
    data object Connecting : AccountState

    /** Calls can be made; [reachable]: and taken. */
    data class Ready(val reachable: Boolean) : AccountState

    /** It does not work. */
    data class Failed(
        val why: Why,
        /** It is the password that is wrong. */
        val wrongPassword: Boolean = false,
        /** The fingerprint of an authority that nobody here trusts: to be compared with who runs the server. */
        val authority: String? = null,
    ) : AccountState
}

/** Something that ringing needs. */
data class Condition(
    /** What. */
    val what: Phrase,
    val met: Boolean,
    /** Why not, or how far. */
    val beside: Phrase? = null,
    /** What a button can do about it. */
    val mend: Mend? = null,
)

/** Where a condition is mended. */
enum class Mend { ACCOUNT, NETWORK, CLOCK, DO_NOT_DISTURB, NOTIFICATIONS, FULL_SCREEN, BATTERY, POWER, MICROPHONE }
