package org.cooee.phone.stage

import android.app.Activity
import android.os.Bundle
import android.os.Parcel
import android.view.View
import android.widget.Chronometer
import android.widget.ListView
import android.widget.TextView
import org.cooee.phone.R
import org.cooee.phone.all
import org.robolectric.Robolectric.buildActivity
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowDialog

/** How an activity is made anew. */
enum class Again {
    TURNED {
        override fun <A : Activity> of(controller: ActivityController<A>) = controller.recreate()
    },

    /** The process has ended: nothing is left but what the system keeps of the activity, in its own memory. */
    AFTER_DEATH {
        override fun <A : Activity> of(controller: ActivityController<A>): ActivityController<A> {
            val (activity, kept) = controller.get() to Bundle()
            controller.pause().stop().saveInstanceState(kept).destroy()
            app.restart()
            return buildActivity(activity.javaClass, activity.intent).setup(carried(kept))
        }
    }, ;

    abstract fun <A : Activity> of(controller: ActivityController<A>): ActivityController<A>

    /** As it comes back from another process. */
    protected fun carried(bundle: Bundle): Bundle {
        val parcel = Parcel.obtain()
        parcel.writeBundle(bundle)
        val octets = parcel.marshall()
        parcel.recycle()
        val other = Parcel.obtain()
        other.unmarshall(octets, 0, octets.size)
        other.setDataPosition(0)
        return checkNotNull(other.readBundle(app.classLoader)).also { other.recycle() }
    }
}

/** All that a person sees: texts, those of a dialog too, how far it is scrolled; not how late it is. */
fun seen(activity: Activity): List<String> {
    val windows = listOf(activity.window) + ShadowDialog.getShownDialogs().distinct().filter { it.isShowing }.map { it.window }
    val views = windows.flatMap { checkNotNull(it).decorView.all() }.filter { it.isShown }
    val texts = views.filterIsInstance<TextView>().filter { it !is Chronometer }.map { it.text.toString() }
    return texts + "scrolled ${scrolled(activity)}"
}

private fun scrolled(activity: Activity): Int =
    activity.findViewById<ListView>(R.id.list)?.firstVisiblePosition ?: activity.findViewById<View>(R.id.scroll)?.scrollY ?: 0
