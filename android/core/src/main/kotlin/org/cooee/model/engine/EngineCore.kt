package org.cooee.model

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import org.cooee.core.AccountOptions
import org.cooee.core.AddressKind
import org.cooee.core.AddressReach
import org.cooee.core.Advice
import org.cooee.core.Audio
import org.cooee.core.CallAction
import org.cooee.core.CallDirection
import org.cooee.core.CallRequest
import org.cooee.core.CertificateRoot
import org.cooee.core.Conditions
import org.cooee.core.Config
import org.cooee.core.Credentials
import org.cooee.core.EndReason
import org.cooee.core.Event
import org.cooee.core.Fact
import org.cooee.core.Fault
import org.cooee.core.KeyTrust
import org.cooee.core.LoginTrouble
import org.cooee.core.Meaning
import org.cooee.core.MediaSecurity
import org.cooee.core.NetworkAddress
import org.cooee.core.NoAddress
import org.cooee.core.PastCall
import org.cooee.core.Phone
import org.cooee.core.Platform
import org.cooee.core.PlatformException
import org.cooee.core.Refused
import org.cooee.core.RingFigure
import org.cooee.core.RingLevel
import org.cooee.core.RingLine
import org.cooee.core.RingMend
import org.cooee.core.RootOrigin
import org.cooee.core.Roots
import org.cooee.core.Route
import org.cooee.core.ServerTrust
import org.cooee.core.StorySide
import org.cooee.core.TextFate
import org.cooee.core.TextMessage
import org.cooee.core.WakeReason
import org.cooee.core.Way
import java.time.Duration
import kotlin.math.roundToInt
import org.cooee.core.Account as EngineAccount
import org.cooee.core.AccountState as EngineAccountState
import org.cooee.core.Call as EngineCall
import org.cooee.core.CallState as EngineCallState
import org.cooee.core.NewAccount as EngineNewAccount
import org.cooee.core.Person as EnginePerson
import org.cooee.core.ReachState as EngineReachState
import org.cooee.core.Status as EngineStatus
import org.cooee.core.Story as EngineStory

/** The core on the real engine: the only file of the app that knows its bindings. It converts and never decides. */
class EngineCore private constructor(
    private val scope: CoroutineScope,
    start: suspend () -> Phone,
) : Core {
    private val started = CompletableDeferred<Phone>()
    override val status = MutableStateFlow(Status())
    override val calls = MutableStateFlow(emptyList<Call>())
    override val people = MutableStateFlow(0L)

    init {
        scope.launch {
            val phone = start()
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

    /** Until the phone has ended. */
    private suspend fun <T : Any> follow(
        next: suspend () -> T?,
        take: suspend (T) -> Unit,
    ) {
        while (true) take(next() ?: return)
    }

    /** Asks the phone once it is there. */
    private suspend fun <T> ask(question: suspend Phone.() -> T): T =
        try {
            started.await().question()
        } catch (refused: Refused) {
            throw Refusal(Wording.of(refused))
        }

    /** Tells the phone something at once. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private fun <T> tell(command: Phone.() -> T): T =
        try {
            if (!started.isCompleted) throw Refused.ShuttingDown()
            started.getCompleted().command()
        } catch (refused: Refused) {
            throw Refusal(Wording.of(refused))
        }

    /** Tells the phone as soon as it is there: the system says some things before, and waits for no answer. */
    private fun tellSoon(command: Phone.() -> Unit) {
        scope.launch {
            try {
                started.await().command()
            } catch (_: Refused) {
                // There is nobody to tell.
                return@launch
            }
        }
    }

    override suspend fun signIn(account: NewAccount) = ask { addAccount(account.toEngine()).toLong() }

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
        before: Long?,
        with: String?,
    ) = ask {
        val calls = log(before?.toULong(), PAGE).calls.map { it.toModel() }
        // Where older calls follow, older messages would stand before them.
        val since = if (calls.size < Core.PAGE) 0 else calls.last().at
        val texts = if (before == null) texts(null, PAGE).texts.map { it.toModel() }.filter { it.at >= since } else emptyList()
        (calls + texts).filter { with == null || it.peer.address == with }.sortedByDescending { it.at }
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

    override suspend fun blocked() = ask { blocked(0u, PAGE).map { it.whom } }

    override suspend fun safety(address: String) =
        ask { mediaKey(address)?.run { Safety(words, code, trust == KeyTrust.VERIFIED, trust == KeyTrust.CHANGED) } }

    override suspend fun wordsMatch(
        address: String,
        code: String,
    ) = ask { wordsMatch(address, code) }

    override suspend fun forgetVerified(address: String) = ask<Unit> { forgetVerified(address) }

    override fun block(whom: String) = tell { block(whom) }

    override fun unblock(whom: String) = tell { unblock(whom) }

    override fun allow(whom: String) = tell { acceptRequest(whom) }

    override suspend fun message(
        target: String,
        text: String,
    ) = ask<Unit> { sendMessage(target, text) }

    override fun setDoNotDisturb(on: Boolean) = tell { setDoNotDisturb(on) }

    override fun setRejectAnonymous(on: Boolean) = tell { setRejectAnonymous(on) }

    override fun setSurroundings(surroundings: Surroundings) = tellSoon { setConditions(surroundings.toEngine()) }

    override suspend fun wake(reason: Wake) = ask<Unit> { wake(if (reason == Wake.BOOT) WakeReason.Boot else WakeReason.Alarm) }

    override suspend fun shutdown() = ask { shutdown() }

    companion object {
        private val PAGE = Core.PAGE.toUInt()

        /** Starts in the background; [folder]: of the phone's own. */
        fun start(
            folder: String,
            lender: Lender,
            scope: CoroutineScope,
            sound: Sound = Sound.Device,
        ): EngineCore {
            val audio =
                when (sound) {
                    Sound.Device -> Audio.Platform
                    is Sound.Files -> Audio.Files(sound.speak, sound.record)
                }
            val config = Config(dataDir = folder, audio = audio, loopback = sound is Sound.Files)
            return EngineCore(scope) { Phone.start(config, Lent(lender)) }
        }
    }
}

/** What the device lends, as the engine asks for it. */
private class Lent(
    private val lender: Lender,
) : Platform {
    override suspend fun roots(): Roots =
        lender.authorities()?.let { all ->
            Roots.Only(all.map { CertificateRoot(it.certificate, if (it.byUser) RootOrigin.USER else RootOrigin.SYSTEM) })
        } ?: Roots.System

    override suspend fun secret(name: String) = lender.secret(name)

    override suspend fun keepSecret(
        name: String,
        secret: String,
    ) = lender.keepSecret(name, secret)

    override suspend fun forgetSecret(name: String) = lender.forgetSecret(name)

    override suspend fun sign(
        key: String,
        message: ByteArray,
    ) = lender.sign(key, message) ?: throw PlatformException.Unsupported()

    override suspend fun resolve(query: ByteArray) = lender.resolve(query)

    override suspend fun wakeAt(
        bootTime: Duration?,
        slack: Duration,
    ) = lender.wakeAt(bootTime?.toMillis(), slack.toMillis())

    override suspend fun awake(awake: Boolean) = lender.awake(awake)
}

private fun NewAccount.toEngine(): EngineNewAccount {
    val digest = pin.filter { it.isLetterOrDigit() }.chunked(2).map { it.toIntOrNull(16) ?: throw Refused.BadPin() }
    val options =
        AccountOptions(
            login = login.ifEmpty { null },
            proxy = proxy.ifEmpty { null },
            trust = digest.takeIf { it.isNotEmpty() }?.let { all -> ServerTrust.Pin(ByteArray(all.size) { all[it].toByte() }) },
        )
    return EngineNewAccount(address, Credentials.Password(password), options)
}

private fun Surroundings.toEngine() =
    Conditions(
        networks = networks?.map { (name, address) -> NetworkAddress(name, address) },
        metered = metered,
        roaming = roaming,
        savingPower = savingPower,
        mayNotify = mayNotify,
        mayFillScreen = mayFillScreen,
        mayStayAwake = mayStayAwake,
        mayListen = mayListen,
    )

private fun EngineStatus.toModel() =
    Status(
        started = true,
        accounts = accounts.map { it.toModel() },
        conditions = ringing.map { it.toModel() },
        doNotDisturb = doNotDisturb,
        rejectAnonymous = rejectAnonymous,
    )

private fun RingLine.toModel(): Condition {
    val met = level == RingLevel.MET
    val beside =
        reason ?: figure?.takeIf { it is RingFigure.Rings || it is RingFigure.ClockOff } ?: mend.takeIf { !met && it != RingMend.NOTHING }
    return Condition(Wording.of(condition), met, beside?.let(Wording::of), mend.toModel().takeIf { !met })
}

/** None where only time or others help. */
private fun RingMend.toModel() =
    when (this) {
        RingMend.ADD_ACCOUNT, RingMend.ADD_ACCOUNT_AGAIN, RingMend.CHECK_ACCOUNT, RingMend.TRUST_SERVER -> Mend.ACCOUNT
        RingMend.CHECK_NETWORK -> Mend.NETWORK
        RingMend.CHECK_CLOCK -> Mend.CLOCK
        RingMend.END_DO_NOT_DISTURB -> Mend.DO_NOT_DISTURB
        RingMend.ALLOW_NOTIFICATIONS -> Mend.NOTIFICATIONS
        RingMend.ALLOW_FULL_SCREEN -> Mend.FULL_SCREEN
        RingMend.ALLOW_BACKGROUND -> Mend.BATTERY
        RingMend.END_POWER_SAVING -> Mend.POWER
        RingMend.CHECK_MICROPHONE -> Mend.MICROPHONE
        else -> null
    }

private fun EngineAccount.toModel() =
    Account(
        id.toLong(),
        address,
        displayName,
        state.toModel(),
        mailbox?.run {
            new?.toInt()
                ?: if (waiting) 1 else 0
        },
    )

private fun EngineAccountState.toModel() =
    when (this) {
        EngineAccountState.Stored, EngineAccountState.Connecting -> {
            AccountState.Connecting
        }

        EngineAccountState.Connected -> {
            AccountState.Ready(reachable = false)
        }

        is EngineAccountState.Registered -> {
            AccountState.Ready(reachable = true)
        }

        is EngineAccountState.Failed -> {
            AccountState.Failed(
                Why(Wording.of(trouble.reason), trouble.fault.toModel()),
                trouble.needsPerson,
                wrongPassword = (trouble.reason as? EndReason.Login)?.trouble is LoginTrouble.WrongPassword,
            )
        }
    }

private fun Fault.toModel() =
    when (this) {
        Fault.OURS -> Side.YOURS
        Fault.THEIRS -> Side.THEIRS
        Fault.THEIR_SERVER -> Side.THEIR_SERVER
        Fault.OUR_SERVER -> Side.YOUR_SERVER
        Fault.NETWORK -> Side.NETWORK
        Fault.NOBODY -> Side.NOBODY
    }

/** As people write it: the scheme says nothing to them. */
private fun EnginePerson.toModel() = Person(address.substringAfter(':'), name)

private fun EngineCall.toModel() =
    Call(
        id = id.toLong(),
        account = account.toLong(),
        incoming = direction == CallDirection.INCOMING,
        peer = peer.toModel(),
        state = state.toModel(),
        allowed = allowed.mapNotNull { it.toModel() }.toSet(),
        anonymous = anonymous,
        silently = request != null,
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

private fun AddressReach.toModel() = Reach(state.toModel(), checked?.toMillis())

private fun EngineReachState.toModel() =
    when (this) {
        is EngineReachState.Answered -> ReachState.ANSWERED
        EngineReachState.NoSuchUser -> ReachState.NO_SUCH_USER
        EngineReachState.PublishesCalls -> ReachState.PUBLISHES_CALLS
        EngineReachState.Refuses -> ReachState.REFUSES
        EngineReachState.NotPublished -> ReachState.NOT_PUBLISHED
        EngineReachState.Unknown -> ReachState.UNKNOWN
    }

private fun Meaning.toModel(): Understanding =
    when (this) {
        is Meaning.Nobody -> {
            Understanding.Nobody(if (why is NoAddress.Empty) null else Wording.of(why))
        }

        is Meaning.Somebody -> {
            val best = routes.firstOrNull()
            Understanding.Somebody(
                address = address.substringAfter(':'),
                says = listOfNotNull(best?.let { Wording.of(it.obstacle ?: it.way) }) + remarks.map(Wording::of),
                callable = routes.any { it.isOurs() },
                byTelephone = kind == AddressKind.EMERGENCY_NUMBER || (best != null && best.way == Way.ORDINARY_DIALLER),
                reach = best?.reach?.toModel() ?: Reach(ReachState.UNKNOWN),
            )
        }
    }

private fun Route.isOurs() = obstacle == null && way != Way.ORDINARY_DIALLER

/** None for what the states show, or what only a later app tells. */
private fun Event.toModel(): Moment? =
    when (this) {
        is Event.CallEnded -> Moment.Ended(call.toLong(), peer.toModel(), Why(Wording.of(reason), fault.toModel()), missed)
        is Event.CallLogged -> Moment.Logged(call.toLong(), number.toLong())
        is Event.DialRefused -> Moment.DialRefused(call.toLong(), Why(Wording.of(reason)))
        is Event.MessageReceived -> Moment.Message(from.toModel(), text)
        is Event.MessageFailed -> Moment.MessageFailed(Wording.of(trouble))
        is Event.ActionFailed -> Moment.ActionFailed(call.toLong())
        is Event.Transfer -> Moment.Transfer(call.toLong(), Wording.of(progress))
        is Event.DeviceFailed -> Moment.NoSound(Wording.of(trouble))
        is Event.Overflow -> Moment.Overflow
        else -> null
    }

private fun PastCall.toModel() =
    Past(
        number = number.toLong(),
        at = begun.toMillis(),
        incoming = direction == CallDirection.INCOMING,
        peer = peer.toModel(),
        missed = missed,
        times = times.toInt(),
        why = Why(Wording.of(reason), fault.toModel()),
        seconds = talked?.toSeconds(),
    )

private fun TextMessage.toModel() =
    Past(message.toLong(), at.toMillis(), incoming = fate is TextFate.Received, peer = peer.toModel(), text = text)

private fun CallRequest.toModel() = Request(from.toModel(), introduction.domain, introduction.line, at.toMillis(), times.toInt())

private fun EngineStory.toModel(past: Past) =
    Story(
        past = past,
        rang = if (past.incoming) null else steps.any { it.fact is Fact.RangThere },
        verdict =
            verdict?.run { Why(Wording.of(fact), side?.toModel() ?: Side.NOBODY, advice.takeIf { it != Advice.NOTHING }?.let(Wording::of)) }
                ?: checkNotNull(past.why),
        remedy = verdict?.advice?.toModel(),
        steps = steps.map { Step(it.after.toMillis(), it.side.toModel(), Wording.of(it.fact)) },
    )

private fun StorySide.toModel() = Side.valueOf(name)

/** None where a button of the app cannot help. */
private fun Advice.toModel() =
    when (this) {
        Advice.CALL_AGAIN, Advice.CALL_LATER -> Remedy.CALL_AGAIN
        Advice.CALL_BACK -> Remedy.CALL_BACK
        Advice.USE_TELEPHONE -> Remedy.TELEPHONE
        Advice.ADD_ACCOUNT, Advice.ADD_ACCOUNT_AGAIN, Advice.CHECK_ACCOUNT, Advice.CHECK_NETWORK, Advice.ALLOW_CALLER -> Remedy.SETTINGS
        else -> null
    }
