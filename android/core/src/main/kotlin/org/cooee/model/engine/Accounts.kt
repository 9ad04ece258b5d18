package org.cooee.model.engine

import org.cooee.core.AccountOptions
import org.cooee.core.Credentials
import org.cooee.core.EndReason
import org.cooee.core.LoginTrouble
import org.cooee.core.Refused
import org.cooee.core.ServerTrust
import org.cooee.core.TlsTrouble
import org.cooee.model.Account
import org.cooee.model.AccountState
import org.cooee.model.NewAccount
import org.cooee.model.Why
import org.cooee.core.Account as EngineAccount
import org.cooee.core.AccountState as EngineAccountState
import org.cooee.core.NewAccount as EngineNewAccount

internal fun NewAccount.toEngine(): EngineNewAccount {
    val digest = pin.filter { it.isLetterOrDigit() }.chunked(2).map { it.toIntOrNull(16) ?: throw Refused.BadPin() }
    val options =
        AccountOptions(
            login = login.ifEmpty { null },
            proxy = proxy.ifEmpty { null },
            trust = digest.takeIf { it.isNotEmpty() }?.let { all -> ServerTrust.Authority(ByteArray(all.size) { all[it].toByte() }) },
        )
    return EngineNewAccount(address, Credentials.Password(password), options)
}

internal fun EngineAccount.toModel() =
    Account(
        id = id.toLong(),
        address = address,
        name = displayName,
        state = state.toModel(),
        voiceMessages = mailbox?.run { new?.toInt() ?: if (waiting) 1 else 0 },
        attempts = attempts.toLong(),
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
                wrongPassword = (trouble.reason as? EndReason.Login)?.trouble is LoginTrouble.WrongPassword,
                authority = (trouble.reason as? EndReason.Untrusted)?.trouble?.authority(),
            )
        }
    }

private fun TlsTrouble.authority() =
    when (this) {
        is TlsTrouble.UnknownAuthority -> shown
        is TlsTrouble.OtherAuthority -> shown
        else -> null
    }
