package org.cooee.model

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow

/**
 * The phone under the app, in the app's own words. Whatever is decided about accounts, calls and people is decided in there.
 *
 * Commands never block. What they cannot do at once they say by a [Refusal]; what comes of them later shows in the states and [moments].
 */
interface Core {
    /** Whether the phone can call and be called. */
    val status: StateFlow<Status>

    /** The calls that are not over. */
    val calls: StateFlow<List<Call>>

    /** Grows when something else is known of people or of past calls. */
    val people: StateFlow<Long>

    /** What happens, once each; for one collector in the app. */
    val moments: Flow<Moment>

    /** Tries again to start where [Status.failed] says that it could not. */
    fun startAgain()

    /** Adds an account, or gives one that is there another password; its id. How its log-in goes shows in [status]. */
    suspend fun signIn(account: NewAccount): Long

    /** The person has compared the authority that an account's failure names: its server is trusted from now on, and logged in to anew. */
    suspend fun trust(
        account: Long,
        authority: String,
    )

    /** Ends an account's calls and forgets it. */
    fun signOut(account: Long)

    /** What a text means, and what calling it would do. Nobody is asked anything. */
    suspend fun understand(text: String): Understanding

    /** What is known of these addresses, in their order; at most [PAGE]. Nobody is asked anything. */
    suspend fun reach(addresses: List<String>): List<Reach>

    /** The addresses of the phone's contacts, from now on. Only their domains are looked at. */
    fun setContacts(addresses: List<String>)

    /** From now on this person is called at this address. */
    fun choose(
        target: String,
        address: String,
    )

    /** Calls somebody; the call's id. */
    fun dial(
        target: String,
        account: Long? = null,
    ): Long

    /** Does with a call what is among its [Call.allowed], and needs no more to be said. */
    fun act(
        call: Long,
        action: Action,
    )

    /** So it stands with calls of the system's own, over the mobile network. */
    fun setSystemCall(call: SystemCall)

    /** The sound goes another way. */
    fun routeChanged()

    /** Takes a call and ends all others. */
    fun answerEndingOthers(call: Long)

    /** Sends a digit in a call. */
    fun digit(
        call: Long,
        digit: Char,
    )

    /** Asks the peer of a call to call somebody else instead. */
    fun transfer(
        call: Long,
        target: String,
    )

    /** Joins the peers of two calls and leaves both. */
    fun transferTo(
        call: Long,
        other: Long,
    )

    /**
     * A page of past calls and messages, the latest first: those that come after the ones that are [shown] already; [with]: only those
     * with whoever has one of these addresses or numbers.
     */
    suspend fun past(
        shown: List<Past> = emptyList(),
        with: List<String>? = null,
    ): List<Past>

    /** So many missed calls and messages came since the person looked last. */
    suspend fun unseen(): Int

    /** The person has looked at these, and so at all older ones. */
    suspend fun see(past: List<Past>)

    /** What happened to a past call. */
    suspend fun story(past: Long): Story

    /** The same as text for others to read, with nothing in it that says who is meant. */
    suspend fun report(past: Long): String

    /** Forgets all past calls and messages. */
    suspend fun forgetPast()

    /** Strangers who called, and wait for a word. */
    suspend fun requests(): List<Request>

    /** Addresses and domains that nothing is taken of. */
    suspend fun blocked(): List<String>

    /** Takes no calls and messages of them; one that rings is declined. */
    fun block(whom: String)

    fun unblock(whom: String)

    /** Lets somebody ring at any time, also who asks just now, or is blocked. */
    fun allow(whom: String)

    fun disallow(whom: String)

    /** Addresses and domains that ring at any time, though nobody is to disturb. */
    suspend fun allowed(): List<String>

    /** What was said about whoever has this address, however it is written. */
    suspend fun standing(address: String): Standing

    /**
     * The text of a QR code in a picture of brightness, an octet a pixel, row by row, [stride] octets apart; null if none can be read.
     * It takes some time: not for the main thread.
     */
    fun readCode(
        luma: ByteArray,
        width: Int,
        height: Int,
        stride: Int,
    ): String?

    /** What two people compare to know that nobody listens; none without a key of theirs. */
    suspend fun safety(address: String): Safety?

    /** The two have compared, and it was the same. [code]: that of the [Safety] whose words were read. */
    suspend fun wordsMatch(
        address: String,
        code: String,
    )

    /** Compares what a camera has read from their screen, and whether it is the same; none: it is no such code. */
    suspend fun compareCode(
        address: String,
        scanned: String,
    ): Boolean?

    /** No key of theirs counts as compared any more. */
    suspend fun forgetVerified(address: String)

    /** Sends a short text. */
    suspend fun message(
        target: String,
        text: String,
    )

    fun setDoNotDisturb(on: Boolean)

    fun setRejectAnonymous(on: Boolean)

    fun setLowData(on: Boolean)

    fun setWhoRings(who: WhoRings)

    /** Calls oneself after so many seconds, to see whether it rings; [Moment.RingTested] follows. */
    fun testRinging(after: Int)

    /** Networks and power are like this now. */
    fun setSurroundings(surroundings: Surroundings)

    /** The device was asleep: does what is due by now, and answers when that is done or a call rings. */
    suspend fun wake(reason: Wake)

    /** Hangs up, unregisters, and ends. */
    suspend fun shutdown()

    companion object {
        /** So many addresses or past calls are asked for at once, at most. */
        const val PAGE = 100
    }
}

/** A call over the mobile network: there is none, there is one, or it has the sound and ours have not. */
enum class SystemCall { NONE, BUSY, HELD }

/** What woke the device. */
enum class Wake { ALARM, BOOT }
