package org.cooee.phone.call

import org.cooee.phone.R
import org.cooee.phone.telecom.Route

/** How the ways of the sound are called and shown. */
object RouteWords {
    fun name(route: Route) =
        when (route) {
            // While the sound is at the ear, the control offers the loudspeaker.
            Route.EARPIECE, Route.SPEAKER -> R.string.call_speaker

            Route.WIRED -> R.string.route_wired

            Route.BLUETOOTH -> R.string.route_bluetooth
        }

    /** In a list of all of them. */
    fun choice(route: Route) = if (route == Route.EARPIECE) R.string.route_earpiece else name(route)

    fun icon(route: Route) =
        when (route) {
            Route.EARPIECE, Route.SPEAKER -> R.drawable.ic_speaker
            Route.WIRED, Route.BLUETOOTH -> R.drawable.ic_headset
        }
}
