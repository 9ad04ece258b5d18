package org.cooee.phone

import android.app.Activity
import android.content.Context
import android.content.pm.PackageManager
import android.net.Uri
import android.util.TypedValue
import android.view.View
import android.view.ViewGroup
import java.io.IOException
import java.io.InputStream

// The framework's look-ups may answer null; ours are of things that must be there. (Against the SDK these are platform types, against
// the framework itself, which the tests run on, they are nullable: this compiles both ways.)

fun <T : View> Activity.view(id: Int): T = checkNotNull(findViewById(id))

fun <T : View> View.view(id: Int): T = checkNotNull(findViewById(id))

inline fun <reified T : Any> Context.service(): T = checkNotNull(getSystemService(T::class.java))

fun Context.may(permission: String) = checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

/** What [how] makes of what is there; none if it is gone, or may be read no more. */
fun <T> Context.read(
    what: Uri,
    how: (InputStream) -> T,
): T? =
    try {
        contentResolver.openInputStream(what)?.use(how)
    } catch (_: IOException) {
        null
    } catch (_: SecurityException) {
        null
    }

/** All views of a tree, in their order. */
fun View.all(): List<View> = listOf(this) + if (this is ViewGroup) (0 until childCount).flatMap { getChildAt(it).all() } else emptyList()

/** A colour of the theme. */
fun Context.colour(attribute: Int): Int {
    val value = TypedValue()
    check(theme.resolveAttribute(attribute, value, true)) { "the theme has no such colour" }
    return value.data
}

/** Shows or hides. */
var View.shown: Boolean
    get() = visibility == View.VISIBLE
    set(shown) {
        visibility = if (shown) View.VISIBLE else View.GONE
    }
