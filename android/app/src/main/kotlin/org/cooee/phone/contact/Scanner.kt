package org.cooee.phone.contact

import android.annotation.SuppressLint
import android.app.AlertDialog
import android.content.Context
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.view.LayoutInflater
import android.view.Surface
import android.view.SurfaceHolder
import android.view.SurfaceView
import android.view.View
import org.cooee.model.Core
import org.cooee.phone.R
import org.cooee.phone.phone
import org.cooee.phone.service
import org.cooee.phone.view

/** Shows what a camera sees until there is a code in it; [found] has what that says, none if the camera cannot be used. Of the main thread. */
class Scanner(
    private val core: Core,
    private val preview: SurfaceView,
    private val found: (String?) -> Unit,
) : CameraDevice.StateCallback(),
    SurfaceHolder.Callback {
    private val thread = HandlerThread("cooee-scanner").apply { start() }
    private val reading = Handler(checkNotNull(thread.looper))
    private val pictures = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
    private val main = Handler(checkNotNull(Looper.getMainLooper()))
    private var camera: CameraDevice? = null
    private var isShown = false

    init {
        pictures.setOnImageAvailableListener({ read() }, reading)
        preview.holder.setFixedSize(WIDTH, HEIGHT)
        preview.holder.addCallback(this)
    }

    /** The camera at the back, or any. */
    @SuppressLint("MissingPermission")
    override fun surfaceCreated(holder: SurfaceHolder) =
        trying {
            isShown = true
            val cameras = checkNotNull(preview.context).service<CameraManager>()
            val all = cameras.cameraIdList
            val facing = { id: String -> cameras.getCameraCharacteristics(id)[CameraCharacteristics.LENS_FACING] }
            val back = all.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_BACK }
            cameras.openCamera(checkNotNull(back ?: all.firstOrNull()), this, main)
        }

    override fun onOpened(device: CameraDevice) {
        // Nobody may want it any more.
        if (!isShown) return device.close()
        camera = device
        trying { look(device, listOfNotNull(preview.holder.surface, pictures.surface)) }
    }

    private fun look(
        device: CameraDevice,
        into: List<Surface>,
    ) {
        val request = device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
        into.forEach(request::addTarget)
        request[CaptureRequest.CONTROL_AF_MODE] = CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE
        val begin =
            object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) =
                    trying { session.setRepeatingRequest(request.build(), null, main) }

                override fun onConfigureFailed(session: CameraCaptureSession) = end(null)
            }
        @Suppress("DEPRECATION")
        device.createCaptureSession(into, begin, main)
    }

    private fun trying(act: () -> Unit) =
        try {
            act()
        } catch (_: CameraAccessException) {
            end(null)
        } catch (_: IllegalStateException) {
            // There is none, or it was closed meanwhile.
            end(null)
        }

    /** In the first plane is the brightness. */
    private fun read() =
        pictures.acquireLatestImage()?.use { picture ->
            val plane = picture.planes[0]
            val luma = ByteArray(plane.buffer.remaining()).also(plane.buffer::get)
            see(luma, picture.width, picture.height, plane.rowStride)
        } ?: Unit

    /** Looks for a code in a picture. */
    fun see(
        luma: ByteArray,
        width: Int,
        height: Int,
        stride: Int,
    ) {
        core.readCode(luma, width, height, stride)?.let { preview.post { end(it) } }
    }

    private fun end(code: String?) {
        if (isShown) found(code)
    }

    override fun onDisconnected(device: CameraDevice) = onError(device, 0)

    override fun onError(
        device: CameraDevice,
        error: Int,
    ) {
        device.close()
        end(null)
    }

    override fun surfaceChanged(
        holder: SurfaceHolder,
        format: Int,
        width: Int,
        height: Int,
    ) = Unit

    override fun surfaceDestroyed(holder: SurfaceHolder) = leave()

    private fun leave() {
        isShown = false
        camera?.close()
    }

    fun close() {
        leave()
        reading.post { pictures.close() }
        thread.quitSafely()
    }

    companion object {
        /** Every camera has it. */
        private const val WIDTH = 640
        private const val HEIGHT = 480

        fun isPossible(context: Context) = checkNotNull(context.packageManager).hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY)

        /** A dialog that ends with the first code: [ended] has what that says, or none. */
        fun show(
            context: Context,
            ended: (String?) -> Unit,
        ): AlertDialog {
            val root: View = checkNotNull(LayoutInflater.from(context).inflate(R.layout.scan, null))
            val dialog =
                AlertDialog
                    .Builder(context)
                    .setTitle(R.string.safety_scan)
                    .setView(root)
                    .setNegativeButton(R.string.cancel, null)
                    .create()
            var code: String? = null
            val scanner =
                Scanner(context.phone.core, root.view(R.id.preview)) {
                    code = it
                    if (it == null) context.phone.tell(context.getString(R.string.scan_failed))
                    dialog.dismiss()
                }
            dialog.setOnDismissListener {
                scanner.close()
                ended(code)
            }
            dialog.show()
            return dialog
        }
    }
}
