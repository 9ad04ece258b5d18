package org.cooee.phone.telecom

import android.telecom.Connection
import android.telecom.ConnectionRequest
import android.telecom.ConnectionService
import android.telecom.DisconnectCause
import android.telecom.PhoneAccountHandle
import android.telecom.TelecomManager
import org.cooee.phone.phone

/** Where Telecom asks for our calls. */
class CooeeConnectionService : ConnectionService() {
    private val calls get() = phone.telecom

    override fun onCreateIncomingConnection(
        account: PhoneAccountHandle?,
        request: ConnectionRequest?,
    ): Connection = connection(request)

    override fun onCreateOutgoingConnection(
        account: PhoneAccountHandle?,
        request: ConnectionRequest?,
    ): Connection = connection(request)

    override fun onCreateIncomingConnectionFailed(
        account: PhoneAccountHandle?,
        request: ConnectionRequest?,
    ) = calls.refused(call(request))

    override fun onCreateOutgoingConnectionFailed(
        account: PhoneAccountHandle?,
        request: ConnectionRequest?,
    ) = calls.refused(call(request))

    private fun connection(request: ConnectionRequest?) =
        calls.connect(call(request)) ?: Connection.createFailedConnection(DisconnectCause(DisconnectCause.CANCELED))

    /** Telecom unpacks our extras of outgoing calls, or hands them on as they were. */
    private fun call(request: ConnectionRequest?): Long {
        val extras = request?.extras ?: return -1
        val own = extras.getBundle(TelecomManager.EXTRA_OUTGOING_CALL_EXTRAS) ?: extras
        return own.getLong(TelecomCalls.CALL, -1)
    }
}
