package org.cooee.model.engine

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import org.cooee.core.Audio
import org.cooee.core.CodeMatch
import org.cooee.core.Config
import org.cooee.core.KeyTrust
import org.cooee.core.Phone
import org.cooee.core.PhoneInterface
import org.cooee.core.Refused
import org.cooee.core.StartException
import org.cooee.core.WakeReason
import org.cooee.core.readCode
import org.cooee.model.Action
import org.cooee.model.Call
import org.cooee.model.Core
import org.cooee.model.Lender
import org.cooee.model.Moment
import org.cooee.model.NewAccount
import org.cooee.model.Past
import org.cooee.model.Refusal
import org.cooee.model.Safety
import org.cooee.model.Sound
import org.cooee.model.Status
import org.cooee.model.Surroundings
import org.cooee.model.SystemCall
import org.cooee.model.Wake
import org.cooee.model.WhoRings
import java.time.Duration
import org.cooee.core.SystemCall as EngineSystemCall
import org.cooee.core.WhoRings as EngineWhoRings

/** The core on the real engine. This package alone knows the bindings; it converts, and never decides. */
class EngineCore private constructor(
    private val scope: CoroutineScope,
    private val start: suspend () -> PhoneInterface,
) : Core {
    private val started = CompletableDeferred<PhoneInterface>()
    override val status = MutableStateFlow(Status())
    override val calls = MutableStateFlow(emptyList<Call>())
    override val people = MutableStateFlow(0L)

    init {
        begin()
    }

    private fun begin() {
        scope.launch {
            val phone =
                try {
                    patiently(start)
                } catch (failure: StartException) {
                    status.value = Status(failed = failure.message)
                    return@launch
                }
            started.complete(phone)
            launch { phone.status().run { follow(::next) { status.value = it.toModel() } } }
            launch { phone.calls().run { follow(::next) { all -> calls.value = all.map { it.toModel() } } } }
            launch { phone.people().run { follow(::next) { people.value = it.toLong() } } }
        }
    }

    override val moments: Flow<Moment> =
        flow {
            val phone = started.await()
            follow({ phone.nextEvent() }) { event -> event.toModel()?.let { emit(it) } }
        }

    override fun startAgain() {
        if (status.value.failed == null) return
        status.value = Status()
        begin()
    }

    /** Until the phone has ended. */
    private suspend fun <T : Any> follow(
        next: suspend () -> T?,
        take: suspend (T) -> Unit,
    ) {
        while (true) take(next() ?: return)
    }

    /** Asks the phone once it is there. */
    private suspend fun <T> ask(question: suspend PhoneInterface.() -> T): T =
        try {
            started.await().question()
        } catch (refused: Refused) {
            throw Refusal(Wording.of(refused))
        }

    /** Tells the phone something at once. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private fun <T> tell(command: PhoneInterface.() -> T): T =
        try {
            if (!started.isCompleted) throw Refused.ShuttingDown()
            started.getCompleted().command()
        } catch (refused: Refused) {
            throw Refusal(Wording.of(refused))
        }

    /** Tells the phone as soon as it is there: the system says some things before, and waits for no answer. */
    private fun tellSoon(command: PhoneInterface.() -> Unit) {
        scope.launch {
            try {
                started.await().command()
            } catch (_: Refused) {
                // There is nobody to tell.
                return@launch
            }
        }
    }

    override suspend fun signIn(account: NewAccount) = ask { signIn(account.toEngine()).toLong() }

    override suspend fun trust(
        account: Long,
        authority: String,
    ) = ask { trustAuthority(account.toULong(), authority) }

    override fun signOut(account: Long) = tell { removeAccount(account.toULong()) }

    override suspend fun understand(text: String) = ask { understand(text, 0uL).meaning.toModel() }

    override suspend fun reach(addresses: List<String>) = ask { reach(addresses).map { it.toModel() } }

    override fun setContacts(addresses: List<String>) = tellSoon { setContacts(addresses) }

    override fun choose(
        target: String,
        address: String,
    ) = tell { choose(target, address = address) }

    override fun dial(
        target: String,
        account: Long?,
    ) = tell { dial(target, account?.toULong()).toLong() }

    override fun act(
        call: Long,
        action: Action,
    ) = tell {
        val id = call.toULong()
        when (action) {
            Action.ANSWER -> answer(id)
            Action.DECLINE -> decline(id)
            Action.HANG_UP -> hangUp(id)
            Action.HOLD -> hold(id)
            Action.RESUME -> resume(id)
            Action.MUTE -> mute(id, true)
            Action.UNMUTE -> mute(id, false)
            Action.FOLLOW_TRANSFER -> followTransfer(id)
            Action.REFUSE_TRANSFER -> refuseTransfer(id)
            Action.DIGIT, Action.TRANSFER -> throw Refused.NotNow()
        }
    }

    override fun setSystemCall(call: SystemCall) = tellSoon { systemCall(EngineSystemCall.valueOf(call.name)) }

    override fun routeChanged() = tellSoon { routeChanged() }

    override fun answerEndingOthers(call: Long) = tell { answer(call.toULong(), endingOthers = true) }

    override fun digit(
        call: Long,
        digit: Char,
    ) = tell { digit(call.toULong(), digit.toString()) }

    override fun transfer(
        call: Long,
        target: String,
    ) = tell { transfer(call.toULong(), target) }

    override fun transferTo(
        call: Long,
        other: Long,
    ) = tell { transferTo(call.toULong(), other.toULong()) }

    override suspend fun past(
        shown: List<Past>,
        with: List<String>?,
    ) = ask { page(shown, with) }

    override suspend fun unseen() = ask { (log(null, 0u).missed + texts(null, 0u).unread).toInt() }

    override suspend fun see(past: List<Past>) =
        ask {
            val (calls, texts) = past.partition { it.text == null }
            calls.maxOfOrNull { it.number }?.let { seeCalls(it.toULong()) }
            texts.maxOfOrNull { it.number }?.let { seeTexts(it.toULong()) } ?: Unit
        }

    override suspend fun story(past: Long) =
        ask {
            // "Before" is without the line itself.
            val line = log(past.toULong() + 1uL, 1u).calls.firstOrNull { it.number == past.toULong() } ?: throw Refused.NoSuchCall()
            story(past.toULong()).toModel(line.toModel())
        }

    override suspend fun report(past: Long) = ask { report(past.toULong()) }

    override suspend fun forgetPast() =
        ask<Unit> {
            forgetCalls(null)
            forgetTexts(null)
        }

    override suspend fun requests() = ask { requests().asReversed().map { it.toModel() } }

    override suspend fun blocked() = ask { all { blocked(it, PAGE).map { blocked -> blocked.whom } } }

    override suspend fun allowed() = ask { all { allowed(it, PAGE) } }

    override suspend fun standing(address: String) = ask { said(address) }

    override fun readCode(
        luma: ByteArray,
        width: Int,
        height: Int,
        stride: Int,
    ): String? = readCode(luma, width.toUInt(), height.toUInt(), stride.toUInt())

    override suspend fun safety(address: String) =
        ask { mediaKey(address)?.run { Safety(words, code, trust == KeyTrust.VERIFIED, trust == KeyTrust.CHANGED) } }

    override suspend fun wordsMatch(
        address: String,
        code: String,
    ) = ask { wordsMatch(address, code) }

    override suspend fun compareCode(
        address: String,
        scanned: String,
    ) = ask { compareCode(address, scanned).let { if (it == CodeMatch.NO_CODE) null else it == CodeMatch.SAME } }

    override suspend fun forgetVerified(address: String) = ask<Unit> { forgetVerified(address) }

    override fun block(whom: String) = tell { refuseRequest(whom) }

    override fun unblock(whom: String) = tell { unblock(whom) }

    override fun allow(whom: String) = tell { acceptRequest(whom) }

    override fun disallow(whom: String) = tell { disallow(whom) }

    override suspend fun message(
        target: String,
        text: String,
    ) = ask<Unit> { sendMessage(target, text) }

    override fun setDoNotDisturb(on: Boolean) = tell { setDoNotDisturb(on) }

    override fun setRejectAnonymous(on: Boolean) = tell { setRejectAnonymous(on) }

    override fun setLowData(on: Boolean) = tell { setLowData(on) }

    override fun setWhoRings(who: WhoRings) = tell { setWhoRings(EngineWhoRings.valueOf(who.name)) }

    override fun testRinging(after: Int) = tell { testRinging(Duration.ofSeconds(after.toLong())) }

    override fun setSurroundings(surroundings: Surroundings) = tellSoon { setConditions(surroundings.toEngine()) }

    override suspend fun wake(reason: Wake) = ask<Unit> { wake(if (reason == Wake.BOOT) WakeReason.Boot else WakeReason.Alarm) }

    override suspend fun shutdown() = ask { shutdown() }

    companion object {
        private val PAGE = Core.PAGE.toUInt()

        /** Starts in the background; [folder]: of the phone's own; [watch]: between it and whoever looks at what is asked. */
        fun start(
            folder: String,
            lender: Lender,
            scope: CoroutineScope,
            sound: Sound = Sound.Device,
            watch: (PhoneInterface) -> PhoneInterface = { it },
        ): EngineCore {
            val audio =
                when (sound) {
                    Sound.Device -> Audio.Platform
                    is Sound.Files -> Audio.Files(sound.speak, sound.record)
                }
            val config = Config(dataDir = folder, audio = audio, loopback = sound is Sound.Files)
            return EngineCore(scope) { watch(Phone.start(config, Lent(lender))) }
        }
    }
}
