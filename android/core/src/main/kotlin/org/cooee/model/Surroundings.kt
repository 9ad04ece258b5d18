package org.cooee.model

/** Networks and power. */
data class Surroundings(
    /** Interfaces' names and their numeric addresses; none: the core looks by itself. */
    val networks: List<Pair<String, String>>? = null,
    val metered: Boolean = false,
    val roaming: Boolean = false,
    val savingPower: Boolean = false,
    /** What the system lets the app do; none: it has no such switch. */
    val mayNotify: Boolean? = null,
    val mayFillScreen: Boolean? = null,
    val mayStayAwake: Boolean? = null,
    val mayListen: Boolean? = null,
)
