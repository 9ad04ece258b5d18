package org.cooee.model.fake

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.receiveAsFlow
import kotlinx.coroutines.flow.update
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.CallState
import org.cooee.model.Core
import org.cooee.model.Moment
import org.cooee.model.NewAccount
import org.cooee.model.Past
import org.cooee.model.Person
import org.cooee.model.Phrase
import org.cooee.model.Reach
import org.cooee.model.ReachState
import org.cooee.model.Refusal
import org.cooee.model.Request
import org.cooee.model.Safety
import org.cooee.model.Standing
import org.cooee.model.Status
import org.cooee.model.Story
import org.cooee.model.Surroundings
import org.cooee.model.SystemCall
import org.cooee.model.Understanding
import org.cooee.model.Wake
import org.cooee.model.WhoRings
import org.cooee.model.Why

/** A core that does as a test says, and remembers what it was told. Calls move only when the test moves them. */
class FakeCore : Core {
    override val status = MutableStateFlow(Status(started = true))
    override val calls = MutableStateFlow(emptyList<Call>())
    override val people = MutableStateFlow(0L)
    private val happening = Channel<Moment>(Channel.UNLIMITED)
    override val moments = happening.receiveAsFlow()

    /** What it was told to do, in order: the name and what it was about. */
    val told = mutableListOf<String>()

    /** How far an account has come as soon as it is told to log in. */
    var logsIn: AccountState = AccountState.Connecting

    var past = listOf<Past>()
    var stories = mapOf<Long, Story>()
    var requests = listOf<Request>()
    var blocked = listOf<String>()
    var allowed = listOf<String>()
    var reached = mapOf<String, ReachState>()
    var safety: Safety? = null
    var refusal: Refusal? = null

    /** As it was told last. */
    var surroundings = Surroundings()
        private set

    /** What is in front of the camera. */
    var seen: String? = null

    /** What the other phone shows to be compared. */
    var theirCode: String? = null
    var understands: (String) -> Understanding = { text ->
        if (text.isBlank()) {
            Understanding.Nobody(null)
        } else {
            Understanding.Somebody(text, listOf(Phrase("way_sip")), callable = true)
        }
    }
    private var last = 0L

    /** As another process finds it: what is kept is there, calls and what it was told are not. */
    fun anew() =
        FakeCore().also { other ->
            other.status.value = status.value
            other.past = past
            other.stories = stories
            other.requests = requests
            other.blocked = blocked
            other.allowed = allowed
            other.reached = reached
            other.safety = safety
            other.last = last
        }

    /** Something happens. */
    fun happen(moment: Moment) {
        happening.trySend(moment)
    }

    /** A call comes in; its id. */
    fun ring(
        peer: Person,
        change: (Call) -> Call = { it },
    ): Long {
        val call = Call(++last, 1, true, peer, CallState.RINGING, setOf(Action.ANSWER, Action.DECLINE))
        calls.update { it + change(call) }
        return last
    }

    /** A call becomes another. */
    fun change(
        call: Long,
        change: (Call) -> Call,
    ) = calls.update { all -> all.map { if (it.id == call) change(it) else it } }

    /** A call is spoken in. */
    fun connect(call: Long) = change(call) { it.copy(state = CallState.ACTIVE, allowed = IN_CALL, answeredAt = ANSWERED_AT) }

    /** A call is over. */
    fun end(
        call: Long,
        why: Why = Why(Phrase("end_hung_up_peer")),
        missed: Boolean = false,
    ) {
        val ended = calls.value.firstOrNull { it.id == call } ?: return
        calls.update { all -> all.filter { it.id != call } }
        happen(Moment.Ended(call, ended.peer, why, missed))
    }

    override fun startAgain() = note("startAgain")

    override suspend fun signIn(account: NewAccount): Long {
        tell("signIn ${account.address}")
        status.value.accounts.firstOrNull { it.address == account.address }?.let { known ->
            logInAnew(known.id)
            return known.id
        }
        status.update { it.copy(accounts = it.accounts + Account(++last, account.address, null, logsIn)) }
        return last
    }

    override suspend fun trust(
        account: Long,
        authority: String,
    ) {
        tell("trust $account $authority")
        logInAnew(account)
    }

    private fun logInAnew(account: Long) {
        val anew = { one: Account -> if (one.id == account) one.copy(state = logsIn, attempts = one.attempts + 1) else one }
        status.update { it.copy(accounts = it.accounts.map(anew)) }
    }

    override fun signOut(account: Long) {
        tell("signOut $account")
        status.update { it.copy(accounts = it.accounts.filter { one -> one.id != account }) }
    }

    override suspend fun understand(text: String) = ask { understands(text) }

    override suspend fun reach(addresses: List<String>): List<Reach> {
        tell("reach ${addresses.size}")
        return addresses.map { Reach(reached[it] ?: ReachState.UNKNOWN) }
    }

    override fun setContacts(addresses: List<String>) = note("setContacts ${addresses.size}")

    override fun choose(
        target: String,
        address: String,
    ) = tell("choose $target $address")

    override fun dial(
        target: String,
        account: Long?,
    ): Long {
        tell("dial $target")
        val call = Call(++last, account ?: 1, false, Person(target), CallState.DIALING, setOf(Action.HANG_UP))
        calls.update { it + call }
        return last
    }

    override fun act(
        call: Long,
        action: Action,
    ) {
        tell("$action $call")
        when (action) {
            Action.ANSWER -> {
                connect(call)
            }

            Action.DECLINE -> {
                end(call, Why(Phrase("end_declined_us")))
            }

            Action.HANG_UP -> {
                end(call, Why(Phrase("end_hung_up_us")))
            }

            Action.MUTE -> {
                change(call) { it.copy(muted = true, allowed = it.allowed - Action.MUTE + Action.UNMUTE) }
            }

            Action.UNMUTE -> {
                change(call) { it.copy(muted = false, allowed = it.allowed - Action.UNMUTE + Action.MUTE) }
            }

            Action.HOLD -> {
                change(call) {
                    it.copy(
                        heldByUs = true,
                        state = CallState.HELD,
                        allowed =
                            it.allowed - Action.HOLD + Action.RESUME,
                    )
                }
            }

            Action.RESUME -> {
                change(call) {
                    it.copy(
                        heldByUs = false,
                        state = CallState.ACTIVE,
                        allowed =
                            it.allowed - Action.RESUME + Action.HOLD,
                    )
                }
            }

            else -> {
                change(call) { it.copy(transferAsked = null) }
            }
        }
    }

    override fun setSystemCall(call: SystemCall) = note("setSystemCall $call")

    override fun routeChanged() = note("routeChanged")

    override fun answerEndingOthers(call: Long) {
        tell("answerEndingOthers $call")
        calls.value.filter { it.id != call }.forEach { end(it.id, Why(Phrase("end_hung_up_us"))) }
        connect(call)
    }

    override fun digit(
        call: Long,
        digit: Char,
    ) = tell("digit $call $digit")

    override fun transfer(
        call: Long,
        target: String,
    ) = tell("transfer $call $target")

    override fun transferTo(
        call: Long,
        other: Long,
    ) = tell("transferTo $call $other")

    override suspend fun past(
        shown: List<Past>,
        with: List<String>?,
    ) = ask { past.filter { with == null || it.peer.address in with }.filter { it !in shown }.sortedByDescending { it.at }.take(Core.PAGE) }

    override suspend fun unseen() = ask { past.count { it.isNew } }

    override suspend fun see(past: List<Past>) {
        tell("see ${past.size}")
        this.past = this.past.map { it.copy(isNew = false) }
        people.value++
    }

    override suspend fun story(past: Long) = ask { stories[past] ?: throw Refusal(Phrase("refused_no_such_call")) }

    override suspend fun report(past: Long) = ask { "report of $past" }

    override suspend fun forgetPast() {
        tell("forgetPast")
        past = emptyList()
        people.value++
    }

    override suspend fun requests() = ask { requests }

    override suspend fun blocked() = ask { blocked }

    override suspend fun allowed() = ask { allowed }

    override suspend fun standing(address: String) =
        ask { Standing(blocked.find { it.means(address) }, allowed.find { it.means(address) }) }

    private fun String.means(address: String) = this == address || address.endsWith("@$this")

    override fun readCode(
        luma: ByteArray,
        width: Int,
        height: Int,
        stride: Int,
    ) = seen

    override fun block(whom: String) {
        tell("block $whom")
        blocked = blocked + whom
        allowed = allowed - whom
        requests = requests.filter { it.person.address != whom }
        people.value++
    }

    override fun unblock(whom: String) {
        tell("unblock $whom")
        blocked = blocked - whom
        people.value++
    }

    override fun allow(whom: String) {
        tell("allow $whom")
        allowed = allowed + whom
        blocked = blocked - whom
        requests = requests.filter { it.person.address != whom }
        people.value++
    }

    override fun disallow(whom: String) {
        tell("disallow $whom")
        allowed = allowed - whom
        people.value++
    }

    override suspend fun safety(address: String) = ask { safety }

    override suspend fun wordsMatch(
        address: String,
        code: String,
    ) {
        tell("wordsMatch $address $code")
        safety = safety?.copy(verified = true, changed = false)
    }

    override suspend fun compareCode(
        address: String,
        scanned: String,
    ) = ask {
        val isTheirs = if (scanned.startsWith("COOEE1:")) scanned == theirCode else null
        if (isTheirs == true) safety = safety?.copy(verified = true, changed = false)
        isTheirs
    }

    override suspend fun forgetVerified(address: String) {
        tell("forgetVerified $address")
        safety = safety?.copy(verified = false)
    }

    override suspend fun message(
        target: String,
        text: String,
    ) = tell("message $target")

    override fun setDoNotDisturb(on: Boolean) {
        tell("setDoNotDisturb $on")
        status.update { it.copy(doNotDisturb = on) }
    }

    override fun setRejectAnonymous(on: Boolean) {
        tell("setRejectAnonymous $on")
        status.update { it.copy(rejectAnonymous = on) }
    }

    override fun setLowData(on: Boolean) {
        tell("setLowData $on")
        status.update { it.copy(lowData = on) }
    }

    override fun setWhoRings(who: WhoRings) {
        tell("setWhoRings $who")
        status.update { it.copy(whoRings = who) }
    }

    override fun testRinging(after: Int) = tell("testRinging $after")

    override fun setSurroundings(surroundings: Surroundings) = note("setSurroundings").also { this.surroundings = surroundings }

    override suspend fun wake(reason: Wake) = tell("wake $reason")

    override suspend fun shutdown() = tell("shutdown")

    /** What the core takes at any time, and never refuses. */
    private fun note(what: String) {
        told += what
    }

    private fun tell(what: String) = ask { note(what) }

    private fun <T> ask(answer: () -> T): T = refusal?.let { throw it } ?: answer()

    companion object {
        val IN_CALL = setOf(Action.HANG_UP, Action.HOLD, Action.MUTE, Action.DIGIT, Action.TRANSFER)

        /** When its calls are answered: two in the afternoon of a Tuesday. */
        const val ANSWERED_AT = 1_764_684_120_000L
    }
}
