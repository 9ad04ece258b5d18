package org.cooee.model.engine

import org.cooee.core.Fault
import org.cooee.core.PhoneInterface
import org.cooee.core.Refused
import org.cooee.model.Person
import org.cooee.model.Side
import org.cooee.model.Standing
import org.cooee.core.Person as EnginePerson

internal fun Fault.toModel() =
    when (this) {
        Fault.OURS -> Side.YOURS
        Fault.THEIRS -> Side.THEIRS
        Fault.THEIR_SERVER -> Side.THEIR_SERVER
        Fault.OUR_SERVER -> Side.YOUR_SERVER
        Fault.NETWORK -> Side.NETWORK
        Fault.NOBODY -> Side.NOBODY
    }

/** As people write it: the scheme says nothing to them. */
internal fun EnginePerson.toModel() = Person(address.substringAfter(':'), name)

/** What was said about somebody. */
internal suspend fun PhoneInterface.said(address: String) =
    try {
        standing(address).run { Standing(blockedBy?.whom, allowedBy?.whom) }
    } catch (_: Refused.BadAddress) {
        // Of nobody who calls, nothing was said.
        Standing()
    }
