package org.cooee.phone.ring

import android.annotation.TargetApi
import android.content.Context
import android.content.Intent
import android.media.AudioAttributes
import android.media.AudioManager
import android.media.Ringtone
import android.media.RingtoneManager
import android.media.ToneGenerator
import android.net.Uri
import android.os.Build
import android.os.VibrationEffect
import android.os.Vibrator
import android.provider.Settings
import org.cooee.phone.Preferences
import org.cooee.phone.read
import org.cooee.phone.service

/** Rings: sound and vibration, as the phone's ringer mode wants it. */
class Ringer(
    private val context: Context,
    private val preferences: Preferences,
) {
    private val vibrator = context.service<Vibrator>()
    private var tone: Ringtone? = null
    private var rings = false

    /** Of the last knock: the system has few of these, or none left. */
    private var knock: ToneGenerator? = null

    /** The system's own list of ringtones; what comes of it is for [choose]. */
    fun picker(): Intent =
        Intent(RingtoneManager.ACTION_RINGTONE_PICKER)
            .putExtra(RingtoneManager.EXTRA_RINGTONE_TYPE, RingtoneManager.TYPE_RINGTONE)
            .putExtra(RingtoneManager.EXTRA_RINGTONE_DEFAULT_URI, Settings.System.DEFAULT_RINGTONE_URI)
            .putExtra(RingtoneManager.EXTRA_RINGTONE_EXISTING_URI, chosen())

    /** From now on it rings as the person chose: like the phone itself, otherwise, or not at all. */
    @Suppress("DEPRECATION")
    fun choose(picked: Intent?) {
        // A picker that says nothing has chosen nothing; one that says "none" means silence.
        if (picked == null || !picked.hasExtra(RingtoneManager.EXTRA_RINGTONE_PICKED_URI)) return
        val tone: Uri? = picked.getParcelableExtra(RingtoneManager.EXTRA_RINGTONE_PICKED_URI)
        preferences.ringtone = if (tone == Settings.System.DEFAULT_RINGTONE_URI) null else tone?.toString() ?: SILENCE
    }

    /** What is heard: the tone that was chosen, or the phone's own, also in place of one that is gone. */
    fun tone(): Uri? =
        preferences.ringtone?.let(Uri::parse)?.takeIf(::isThere)
            ?: RingtoneManager.getActualDefaultRingtoneUri(context, RingtoneManager.TYPE_RINGTONE)

    private fun isThere(tone: Uri) = context.read(tone) { true } == true

    private fun chosen(): Uri? =
        when (val tone = preferences.ringtone) {
            null -> Settings.System.DEFAULT_RINGTONE_URI
            SILENCE -> null
            else -> Uri.parse(tone)
        }

    /** Rings until it is stopped. */
    fun ring() {
        if (rings) return
        rings = true
        val mode = context.service<AudioManager>().ringerMode
        if (mode != AudioManager.RINGER_MODE_SILENT) vibrate(VibrationEffect.createWaveform(RING, 0))
        if (mode == AudioManager.RINGER_MODE_NORMAL && preferences.ringtone != SILENCE) sound()
    }

    /** Somebody calls during a call: a knock, no ringing. */
    fun knock() {
        stop()
        knock?.release()
        knock = generator()
        knock?.startTone(ToneGenerator.TONE_SUP_CALL_WAITING, KNOCK_MS)
        vibrate(VibrationEffect.createOneShot(KNOCK_MS.toLong(), VibrationEffect.DEFAULT_AMPLITUDE))
    }

    /** The other side answered. */
    fun connected() = vibrate(VibrationEffect.createOneShot(CONNECTED_MS, VibrationEffect.DEFAULT_AMPLITUDE))

    /** None where the system has no track left for it. */
    private fun generator() =
        try {
            ToneGenerator(AudioManager.STREAM_VOICE_CALL, KNOCK_VOLUME)
        } catch (_: RuntimeException) {
            null
        }

    /** The call is over. */
    fun ended() {
        knock?.release()
        knock = null
        vibrate(VibrationEffect.createWaveform(ENDED, -1))
    }

    fun stop() {
        if (!rings) return
        rings = false
        hush()
    }

    /** Rings no more although it goes on; whether there was something to silence. */
    fun silence(): Boolean = rings.also { if (it) hush() }

    private fun hush() {
        tone?.stop()
        tone = null
        vibrator.cancel()
    }

    /** `setLooping` is of 28, our oldest; the list of what there is, of 26. */
    @TargetApi(Build.VERSION_CODES.P)
    private fun sound() {
        tone =
            RingtoneManager.getRingtone(context, tone())?.apply {
                audioAttributes = ATTRIBUTES
                isLooping = true
                play()
            }
    }

    private fun vibrate(how: VibrationEffect) = vibrator.vibrate(how, ATTRIBUTES)

    private companion object {
        val ATTRIBUTES: AudioAttributes =
            AudioAttributes
                .Builder()
                .setUsage(AudioAttributes.USAGE_NOTIFICATION_RINGTONE)
                .setContentType(AudioAttributes.CONTENT_TYPE_SONIFICATION)
                .build()

        /** In place of a tone's address. */
        const val SILENCE = ""

        /** Pauses and bursts, in milliseconds. */
        val RING = longArrayOf(0, 1000, 1000)
        val ENDED = longArrayOf(0, 60, 80, 60)
        const val CONNECTED_MS = 60L
        const val KNOCK_MS = 300
        const val KNOCK_VOLUME = 60
    }
}
