package org.cooee.phone.rules

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.w3c.dom.Element
import org.w3c.dom.Node
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** What aapt2 does not look at. */
class ResourcesTest {
    private val english = texts("values")

    @Test
    fun `German is complete, and no language has a text that English has not`() {
        val untranslated = setOf("app_name")
        assertEquals(english.keys - untranslated, texts("values-de").keys)
        assertEquals(emptySet<String>(), texts("values-ar").keys - english.keys)
    }

    @Test
    fun `all that the app itself says is there in Arabic`() {
        val own = texts("values", "strings.xml").keys - "app_name"
        assertEquals(emptySet<String>(), own - texts("values-ar").keys)
    }

    @Test
    fun `a translation takes what the English text takes`() {
        val other =
            listOf("values-de", "values-ar").flatMap { folder ->
                texts(folder).filter { (name, text) -> taken(text) != taken(checkNotNull(english[name])) }.map { "$folder ${it.key}" }
            }
        assertEquals(emptyList<String>(), other)
    }

    @Test
    fun `each English text has a comment for who translates it`() {
        val bare =
            elements("values").flatMap { root ->
                val children =
                    root.childNodes.let { nodes -> (0 until nodes.length).map(nodes::item) }.filter {
                        it.nodeType !=
                            Node.TEXT_NODE
                    }
                children.filterIndexed { at, node ->
                    node is Element && node.tagName in TEXTS &&
                        children.getOrNull(at - 1)?.nodeType != Node.COMMENT_NODE
                }
            }
        assertEquals(emptyList<String>(), bare.map { (it as Element).getAttribute("name") })
    }

    @Test
    fun `no exclamation marks, in any language`() {
        val loud = listOf("values", "values-de", "values-ar").flatMap { texts(it).filterValues { text -> '!' in text }.keys }
        assertEquals(emptyList<String>(), loud)
    }

    @Test
    fun `layouts have no text of their own, and nothing for the left or the right`() {
        val files = listOf("layout", "layout-land", "values").flatMap { File(Sources.resources, it).listFiles().orEmpty().toList() }
        val hard = Regex("android:(text|hint|contentDescription)=\"[^@?]")
        val sided = Regex("(Left|Right)=|\"(left|right)\"|name=\"android:\\w*(Left|Right)\"")
        val found = files.filter { file -> file.readText().let { hard.containsMatchIn(it) || sided.containsMatchIn(it) } }
        assertEquals(emptyList<String>(), found.map(File::getName))
    }

    @Test
    fun `every text is used, or is a word of the core`() {
        val unused = texts("values", "strings.xml").keys.filter { !Regex("(R\\.(string|plurals)\\.|@string/)$it\\b").containsMatchIn(used) }
        assertEquals(emptyList<String>(), unused)
    }

    @Test
    fun `every drawing and every layout is used`() {
        for (kind in listOf("drawable", "layout", "color")) {
            val names = File(Sources.resources, kind).listFiles().orEmpty().map { it.nameWithoutExtension }
            assertEquals(kind, emptyList<String>(), names.filter { !Regex("(R\\.$kind\\.|@$kind/)$it\\b").containsMatchIn(used) })
        }
    }

    /** Whatever may name a resource. */
    private val used by lazy {
        val files = Sources.kotlin + Sources.resources.walkTopDown().filter { it.extension == "xml" } + Sources.manifest
        files.joinToString { it.readText() }
    }

    @Test
    fun `only what others must reach is exported, and each behind a permission of the system`() {
        val components =
            elements(Sources.manifest).flatMap { root ->
                listOf("activity", "service", "receiver", "provider").flatMap { root.all(it) }
            }
        val exported = components.filter { it.getAttribute("android:exported") == "true" }.associateBy { it.getAttribute("android:name") }
        assertTrue(components.all { it.hasAttribute("android:exported") })
        assertEquals(setOf(".HomeActivity", ".telecom.CooeeConnectionService"), exported.keys)
        assertEquals(
            "android.permission.BIND_TELECOM_CONNECTION_SERVICE",
            exported.getValue(".telecom.CooeeConnectionService").getAttribute("android:permission"),
        )
    }

    @Test
    fun `of what is kept only preferences are backed up, to Android 11 and from 12 on`() {
        val application = element(Sources.manifest).all("application").single()
        val rules =
            mapOf("fullBackupContent" to listOf("full-backup-content"), "dataExtractionRules" to listOf("cloud-backup", "device-transfer"))
        for ((attribute, sections) in rules) {
            val file = application.getAttribute("android:$attribute").removePrefix("@xml/")
            val root = element(File(Sources.resources, "xml/$file.xml"))
            for (section in sections) {
                val kept = if (root.tagName == section) root else root.all(section).single()
                val included = kept.all("include").map { it.getAttribute("domain") to it.getAttribute("path") }
                assertEquals("$file $section", listOf("sharedpref" to "preferences.xml"), included)
                assertEquals(included.size, kept.all("*").size)
            }
        }
    }

    /** Texts by name; a plural is all of its forms. */
    private fun texts(
        folder: String,
        file: String? = null,
    ): Map<String, String> =
        elements(folder, file).flatMap { root -> TEXTS.flatMap { root.all(it) } }.associate { it.getAttribute("name") to it.textContent }

    private fun taken(text: String) = Regex("%(\\d\\$)?[.\\d]*[sdf]").findAll(text).map { it.value }.toSet()

    private fun elements(
        folder: String,
        file: String? = null,
    ) = File(Sources.resources, folder).listFiles().orEmpty().filter {
        it.extension == "xml" && (file == null || it.name == file)
    }.map(::element)

    private fun elements(file: File) = listOf(element(file))

    private fun element(file: File) = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).documentElement

    private fun Element.all(tag: String) =
        getElementsByTagName(tag).let { nodes ->
            (0 until nodes.length).map { nodes.item(it) as Element }
        }

    private companion object {
        val TEXTS = listOf("string", "plurals")
    }
}
