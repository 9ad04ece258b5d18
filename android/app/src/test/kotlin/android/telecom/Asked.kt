package android.telecom

import android.os.OutcomeReceiver
import java.util.concurrent.Executor

/** Listens to a connection as the system does, of which this is part: what it asks for its sound. */
private class Asked : Connection.Listener() {
    val asked = mutableListOf<Any?>()

    override fun onAudioRouteChanged(
        connection: Connection?,
        route: Int,
        device: String?,
    ) {
        asked += route
    }

    override fun onEndpointChanged(
        connection: Connection?,
        endpoint: CallEndpoint?,
        executor: Executor?,
        callback: OutcomeReceiver<Void, CallEndpointException>?,
    ) {
        asked += endpoint
    }
}

/** What is asked for the sound from now on: up to Android 13 a route, from 14 on an endpoint. */
fun Connection.asked(): List<Any?> = Asked().also { addConnectionListener(it) }.asked
