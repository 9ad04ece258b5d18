package org.cooee.model.engine

import org.cooee.model.Core

/** Of a list that comes by pages. */
internal suspend fun all(page: suspend (skip: UInt) -> List<String>): List<String> {
    val whole = mutableListOf<String>()
    do {
        val next = page(whole.size.toUInt())
        whole += next
    } while (next.size >= Core.PAGE)
    return whole
}
