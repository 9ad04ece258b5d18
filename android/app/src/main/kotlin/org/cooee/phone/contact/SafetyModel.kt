package org.cooee.phone.contact

import android.Manifest
import kotlinx.coroutines.CoroutineScope
import org.cooee.model.Person
import org.cooee.model.Refusal
import org.cooee.phone.Phone
import org.cooee.phone.R
import org.cooee.phone.contact.SafetyEvent.Touch
import org.cooee.phone.may
import org.cooee.phone.screen.Model
import org.cooee.phone.screen.Navigator
import org.cooee.phone.screen.Place
import java.io.Serializable

/** Verifying somebody: twelve words, read to each other. */
class SafetyModel(
    scope: CoroutineScope,
    private val place: Place.Safety,
    private val phone: Phone,
    private val navigator: Navigator,
) : Model<SafetyState, SafetyEvent>(SafetyState(Person(place.address, place.name)), phone, scope) {
    init {
        trying { read() }
    }

    override fun take(event: SafetyEvent) {
        when (event) {
            Touch.SAME -> state.value.safety?.let { set { core.wordsMatch(place.address, it.code) } }
            Touch.SCAN -> scan()
            Touch.SETTLED -> settle()
            is SafetyEvent.Scanned -> end(event.code)
            Touch.FORGET -> set { core.forgetVerified(place.address) }
            Touch.BACK -> navigator.back()
        }
    }

    override var kept: Serializable?
        get() = state.value.scanning
        set(kept) {
            show { it.copy(scanning = kept as? Scanning ?: Scanning.NO) }
            // It may have been forbidden since.
            if (kept == Scanning.LOOKING) settle()
        }

    private fun scan() {
        show { it.copy(scanning = Scanning.ASKING, differs = false) }
        if (phone.context.may(Manifest.permission.CAMERA)) settle() else navigator.mend(Manifest.permission.CAMERA)
    }

    private fun settle() {
        val next = if (phone.context.may(Manifest.permission.CAMERA)) Scanning.LOOKING else Scanning.NO
        show { if (it.scanning == Scanning.NO) it else it.copy(scanning = next) }
    }

    private fun end(code: String?) {
        show { it.copy(scanning = Scanning.NO) }
        if (code != null) set { compare(code) }
    }

    private suspend fun compare(scanned: String) {
        val isTheirs = core.compareCode(place.address, scanned)
        if (isTheirs == null) phone.tell(phone.context.getString(R.string.safety_no_code))
        show { it.copy(differs = isTheirs == false) }
    }

    private fun set(change: suspend () -> Unit) =
        trying {
            try {
                change()
            } catch (_: Refusal) {
                // Another key was used meanwhile: what is shown next says so.
            }
            read()
        }

    private suspend fun read() {
        val safety = core.safety(place.address)
        show { it.copy(safety = safety, read = true) }
    }
}
