package org.cooee.core

import org.cooee.stage.Numbers
import org.junit.Assert.assertEquals
import org.junit.Test

/** How fast moments cross the facade, if somebody fetches them. */
class NumbersTest {
    @Test
    fun `ten thousand moments that are fetched are all told, in their order`() =
        Scene().use { scene ->
            soon { scene.phone.addAccount(NewAccount("anna@example.org", Credentials.Password("secret"))) }
            scene.event<Event.AccountAdded>()
            val begun = System.nanoTime()
            repeat(TIMES) {
                // Fewer than wait for somebody.
                val dialled = List(AT_ONCE) { dialNobody(scene.phone) }
                val told = dialled.map { scene.event<Event.DialRefused>().call }
                assertEquals(dialled, told)
            }
            val seconds = (System.nanoTime() - begun) / 1e9
            Numbers.keep("moments", listOf("| ${TIMES * AT_ONCE} | %.0f |".format(TIMES * AT_ONCE / seconds)))
        }

    private companion object {
        const val AT_ONCE = 200
        const val TIMES = 50
    }
}
