package org.cooee.phone.screen

import org.cooee.model.Core
import org.cooee.model.Refusal

/** What every model needs: the core, and who tells the person why it has refused. */
interface Teller {
    val core: Core

    fun tell(refusal: Refusal)
}
