package org.cooee.model.engine

import org.cooee.core.Conditions
import org.cooee.core.NetworkAddress
import org.cooee.core.RingFigure
import org.cooee.core.RingLevel
import org.cooee.core.RingLine
import org.cooee.core.RingMend
import org.cooee.model.Condition
import org.cooee.model.Mend
import org.cooee.model.Status
import org.cooee.model.Surroundings
import org.cooee.model.WhoRings
import org.cooee.core.Status as EngineStatus

internal fun EngineStatus.toModel() =
    Status(
        started = true,
        accounts = accounts.map { it.toModel() },
        conditions = ringing.map { it.toModel() },
        doNotDisturb = doNotDisturb,
        rejectAnonymous = rejectAnonymous,
        lowData = lowData,
        whoRings = WhoRings.valueOf(whoRings.name),
    )

private fun RingLine.toModel(): Condition {
    val met = level == RingLevel.MET
    val beside = reason ?: figure?.takeIf { it.says } ?: mend.takeIf { !met && it != RingMend.NOTHING }
    return Condition(Wording.of(condition), met, beside?.let(Wording::of), mend.toModel().takeIf { !met })
}

/** Whether it is worth a place beside the condition. */
private val RingFigure.says get() = this is RingFigure.Rings || this is RingFigure.ClockOff || this is RingFigure.AddedAuthority

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

internal fun Surroundings.toEngine() =
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
