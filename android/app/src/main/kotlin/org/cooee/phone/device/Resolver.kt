package org.cooee.phone.device

import android.annotation.TargetApi
import android.net.DnsResolver
import android.os.Build
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** The system's resolver, which keeps to "Private DNS"; from Android 10 on. */
@TargetApi(Build.VERSION_CODES.Q)
object Resolver {
    suspend fun ask(query: ByteArray): ByteArray =
        suspendCancellableCoroutine { waiting ->
            DnsResolver.getInstance().rawQuery(null, query, DnsResolver.FLAG_EMPTY, Runnable::run, null, Answer(waiting))
        }

    private class Answer(private val waiting: CancellableContinuation<ByteArray>) : DnsResolver.Callback<ByteArray> {
        override fun onAnswer(
            answer: ByteArray,
            code: Int,
        ) = waiting.resume(answer)

        override fun onError(error: DnsResolver.DnsException) = waiting.resumeWithException(IOException("DNS", error))
    }
}
