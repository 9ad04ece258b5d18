package org.cooee.phone.device

import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import org.cooee.model.Surroundings
import org.cooee.phone.service

/** Tells of the default network at each change. */
class Networks(
    context: Context,
    private val tell: (Surroundings) -> Unit,
) : ConnectivityManager.NetworkCallback() {
    private val connectivity = context.service<ConnectivityManager>()
    private var link: LinkProperties? = null
    private var capabilities: NetworkCapabilities? = null

    fun watch() = connectivity.registerDefaultNetworkCallback(this)

    fun leave() = connectivity.unregisterNetworkCallback(this)

    override fun onLinkPropertiesChanged(
        network: Network,
        link: LinkProperties,
    ) {
        this.link = link
        say()
    }

    override fun onCapabilitiesChanged(
        network: Network,
        capabilities: NetworkCapabilities,
    ) {
        this.capabilities = capabilities
        say()
    }

    override fun onLost(network: Network) {
        link = null
        tell(Surroundings(networks = emptyList()))
    }

    private fun say() {
        val link = link ?: return
        val name = link.interfaceName.orEmpty()
        tell(
            Surroundings(
                networks = link.linkAddresses.mapNotNull { it.address.hostAddress }.map { name to it },
                metered = capabilities?.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) == false,
                roaming = capabilities?.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING) == false,
            ),
        )
    }
}
