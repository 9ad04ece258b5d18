package org.cooee.phone.rules

import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File

/** Gradle, by which people and F-Droid build, and Maven, by which this is tested, take the same versions. */
class VersionsTest {
    @Test
    fun `both builds have one list of versions`() {
        val pom = File(Sources.android, "pom.xml").readText()
        val maven =
            Regex("<([a-z.-]+?)(\\.version)?>([^<]+)</").findAll(pom).associate {
                it.groupValues[1].replace('.', '-') to
                    it.groupValues[3]
            }
        val gradle =
            File(
                Sources.android,
                "gradle/libs.versions.toml",
            ).readText().substringAfter("[versions]").substringBefore("[libraries]")
        val listed = Regex("(?m)^([a-z-]+) = \"(.+)\"$").findAll(gradle).associate { it.groupValues[1] to it.groupValues[2] }
        val both = listed - ONLY_GRADLE
        assertEquals(both, both.mapValues { maven[it.key] })
    }

    private companion object {
        val ONLY_GRADLE = setOf("agp", "ndk")
    }
}
