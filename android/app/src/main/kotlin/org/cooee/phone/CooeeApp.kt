package org.cooee.phone

import android.app.Application
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.launch
import org.cooee.model.Core
import org.cooee.model.engine.EngineCore
import org.cooee.phone.device.Device
import org.cooee.phone.notice.Channels
import org.cooee.phone.service.ReachService

/** The app's process. */
open class CooeeApp : Application() {
    protected val scope = CoroutineScope(SupervisorJob() + MainThread)
    lateinit var phone: Phone
        private set

    /** The core that the app runs on. */
    protected open fun core(): Core = EngineCore.start(filesDir.path, Device(this), scope)

    /** Where contacts and their pictures are read. */
    open val reader: CoroutineDispatcher = Dispatchers.IO

    override fun onCreate() {
        super.onCreate()
        Channels.create(this)
        phone = Phone(this, core(), scope, reader)
        phone.switchboard.begin()
        // Whoever is in the contacts rings; the core keeps nothing of them.
        val changes = phone.contacts.changes.onEach { phone.portraits.forget() }
        scope.launch { changes.collect { phone.core.setContacts(phone.contacts.everything()) } }
        scope.launch {
            val isSignedIn = phone.core.status.map { it.accounts.isNotEmpty() }.distinctUntilChanged()
            isSignedIn.filter { it }.collect { ReachService.start(this@CooeeApp) }
        }
    }
}
