package org.cooee.phone.rules

import android.graphics.Color
import android.view.ContextThemeWrapper
import org.cooee.phone.R
import org.cooee.phone.colour
import org.cooee.phone.stage.app
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** Text can be read and edges seen, by day and by night, in our own palette and in the system's. */
@RunWith(RobolectricTestRunner::class)
class ContrastTest {
    @Test
    fun `text has a contrast of 4,5 and an edge one of 3`() {
        val faint =
            listOf("notnight", "night").flatMap { light ->
                RuntimeEnvironment.setQualifiers("+$light")
                listOf(false, true).flatMap { system -> faint(system).map { "$light ${if (system) "system" else "own"} $it" } }
            }
        assertEquals(emptyList<String>(), faint)
    }

    private fun faint(system: Boolean): List<String> {
        val context = ContextThemeWrapper(app, R.style.Cooee)
        if (system) checkNotNull(context.theme).applyStyle(R.style.Cooee_System, true)
        return PAIRS.mapNotNull { (name, colours, least) ->
            val contrast = contrast(context.colour(colours.first), context.colour(colours.second))
            "$name has ${"%.1f".format(contrast)}".takeIf { contrast < least }
        }
    }

    private fun contrast(
        one: Int,
        other: Int,
    ): Double {
        val (dark, light) = listOf(one, other).map { Color.luminance(it) + 0.05 }.sorted()
        return light / dark
    }

    private companion object {
        const val TEXT = 4.5
        const val EDGE = 3.0
        val PAIRS =
            listOf(
                Triple("text", R.attr.onSurface to R.attr.surface, TEXT),
                Triple("text on a card", R.attr.onSurface to R.attr.surfaceVariant, TEXT),
                Triple("secondary text", R.attr.onSurfaceVariant to R.attr.surface, TEXT),
                Triple("secondary text on a card", R.attr.onSurfaceVariant to R.attr.surfaceVariant, TEXT),
                Triple("a link", R.attr.primary to R.attr.surface, TEXT),
                Triple("a link on a card", R.attr.primary to R.attr.surfaceVariant, TEXT),
                Triple("a button", R.attr.onPrimary to R.attr.primary, TEXT),
                Triple("a dangerous button", R.attr.onDanger to R.attr.danger, TEXT),
                Triple("a dangerous link", R.attr.danger to R.attr.surface, TEXT),
                Triple("a warning", R.attr.onWarn to R.attr.warn, TEXT),
                Triple("an edge", R.attr.outline to R.attr.surface, EDGE),
                Triple("a button's ground", R.attr.primary to R.attr.surface, EDGE),
                Triple("a dangerous button's ground", R.attr.danger to R.attr.surface, EDGE),
            )
    }
}
