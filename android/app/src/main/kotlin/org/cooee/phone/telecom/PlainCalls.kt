package org.cooee.phone.telecom

import android.annotation.TargetApi
import android.content.Context
import android.media.AudioAttributes
import android.media.AudioDeviceCallback
import android.media.AudioDeviceInfo
import android.media.AudioFocusRequest
import android.media.AudioManager
import android.os.Build
import kotlinx.coroutines.flow.MutableStateFlow
import org.cooee.model.Call
import org.cooee.phone.service

/** Calls that the system knows nothing of: mode, focus and the ways of the sound are ours. */
class PlainCalls(
    context: Context,
    private val others: OtherCalls,
) : SystemCalls {
    override val routes = MutableStateFlow(Routes())
    override val mayRing = MutableStateFlow(emptySet<Long>())
    private val audio = context.service<AudioManager>()
    private var focus: AudioFocusRequest? = null

    /** A headset comes or goes. */
    private val devices =
        object : AudioDeviceCallback() {
            override fun onAudioDevicesAdded(added: Array<out AudioDeviceInfo>?) = look()

            override fun onAudioDevicesRemoved(removed: Array<out AudioDeviceInfo>?) = look()
        }

    override fun show(calls: List<Call>) {
        mayRing.value = calls.filter { it.rings }.map { it.id }.toSet()
        if (calls.any { it.isAnswered || !it.incoming }) take() else leave()
    }

    private fun take() {
        if (focus != null) return
        val speech =
            AudioAttributes
                .Builder()
                .setUsage(AudioAttributes.USAGE_VOICE_COMMUNICATION)
                .setContentType(AudioAttributes.CONTENT_TYPE_SPEECH)
                .build()
        val request =
            AudioFocusRequest
                .Builder(AudioManager.AUDIOFOCUS_GAIN_TRANSIENT_EXCLUSIVE)
                .setAudioAttributes(speech)
                .setAcceptsDelayedFocusGain(true)
                .setOnAudioFocusChangeListener(::change)
                .build()
        // During a call of the mobile network: after it.
        if (audio.requestAudioFocus(request) == AudioManager.AUDIOFOCUS_REQUEST_DELAYED) others.hasSound = true
        audio.mode = AudioManager.MODE_IN_COMMUNICATION
        focus = request
        routes.value = Routes(available = available())
        audio.registerAudioDeviceCallback(devices, null)
    }

    /** A voice that speaks over ours for a moment, as a navigator's does, takes nothing away. */
    private fun change(focus: Int) {
        if (focus != AudioManager.AUDIOFOCUS_LOSS_TRANSIENT_CAN_DUCK) others.hasSound = focus != AudioManager.AUDIOFOCUS_GAIN
    }

    private fun leave() {
        val request = focus ?: return
        focus = null
        audio.unregisterAudioDeviceCallback(devices)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) forgetDevice() else goOld(Route.EARPIECE)
        audio.mode = AudioManager.MODE_NORMAL
        audio.abandonAudioFocusRequest(request)
        others.hasSound = false
        routes.value = Routes()
    }

    private fun available(): List<Route> {
        val there = audio.getDevices(AudioManager.GET_DEVICES_OUTPUTS).mapNotNull { routeOf(it.type) }
        return (listOf(Route.EARPIECE, Route.SPEAKER) + there).distinct()
    }

    private fun look() {
        val available = available()
        routes.value = Routes(current().takeIf { it in available } ?: Route.EARPIECE, available)
    }

    @Suppress("DEPRECATION")
    private fun current(): Route =
        when {
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.S -> chosen()
            audio.isSpeakerphoneOn -> Route.SPEAKER
            audio.isBluetoothScoOn -> Route.BLUETOOTH
            else -> Route.WIRED
        }

    @TargetApi(Build.VERSION_CODES.S)
    private fun chosen() = audio.communicationDevice?.let { routeOf(it.type) } ?: routes.value.current

    override fun go(route: Route) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) goToDevice(route) else goOld(route)
        routes.value = Routes(route, available())
    }

    @TargetApi(Build.VERSION_CODES.S)
    private fun goToDevice(route: Route) {
        audio.availableCommunicationDevices.firstOrNull { routeOf(it.type) == route }?.let(audio::setCommunicationDevice)
    }

    @TargetApi(Build.VERSION_CODES.S)
    private fun forgetDevice() = audio.clearCommunicationDevice()

    @Suppress("DEPRECATION")
    private fun goOld(route: Route) {
        audio.isSpeakerphoneOn = route == Route.SPEAKER
        if (route == Route.BLUETOOTH) audio.startBluetoothSco() else audio.stopBluetoothSco()
        audio.isBluetoothScoOn = route == Route.BLUETOOTH
    }

    private fun routeOf(type: Int): Route? =
        when (type) {
            AudioDeviceInfo.TYPE_BUILTIN_EARPIECE -> Route.EARPIECE
            AudioDeviceInfo.TYPE_BUILTIN_SPEAKER -> Route.SPEAKER
            AudioDeviceInfo.TYPE_WIRED_HEADSET, AudioDeviceInfo.TYPE_WIRED_HEADPHONES, AudioDeviceInfo.TYPE_USB_HEADSET -> Route.WIRED
            AudioDeviceInfo.TYPE_BLUETOOTH_SCO -> Route.BLUETOOTH
            else -> null
        }
}
