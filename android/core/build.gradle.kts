import org.gradle.api.tasks.Exec

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

val repository: File = rootDir.parentFile
val built: String = "${System.getenv("CARGO_TARGET_DIR") ?: "$repository/target"}/debug"
val bindings = layout.buildDirectory.dir("generated/uniffi")
val libraries = layout.buildDirectory.dir("generated/jni")

/** Runs a command in the repository each time: what there is to do, cargo knows best. */
fun Exec.always(vararg command: String) {
    workingDir = repository
    outputs.upToDateWhen { false }
    commandLine(*command)
}

/** The core for this machine, and what writes its bindings. */
val cargoHost by tasks.registering(Exec::class) {
    always("cargo", "build", "--locked", "-p", "cooee-uniffi", "-p", "cooee-bindgen")
}

/** The phone of the command line, whom tests call. */
val cargoPeer by tasks.registering(Exec::class) {
    mustRunAfter(cargoHost)
    always("cargo", "build", "--locked", "-p", "cooee")
}

/** The bindings, written from the built library. */
val cargoBindings by tasks.registering(Exec::class) {
    dependsOn(cargoHost)
    outputs.dir(bindings)
    always("$built/cooee-bindgen", "$built/${System.mapLibraryName("cooee_uniffi")}", bindings.get().asFile.path)
}

/** The core for phones: needs cargo-ndk and the NDK. */
val cargoPhones by tasks.registering(Exec::class) {
    outputs.dir(libraries)
    val abis = providers.gradleProperty("cooee.abis").get().split(',')
    val platform =
        libs.versions.android.min
            .get()
    val ndk = androidComponents.sdkComponents.ndkDirectory
    always(
        *arrayOf("cargo", "ndk", "--platform", platform, "-o", libraries.get().asFile.path),
        *abis.flatMap { listOf("-t", it) }.toTypedArray(),
        *arrayOf("build", "--release", "--locked", "-p", "cooee-uniffi"),
    )
    doFirst {
        environment("ANDROID_NDK_HOME", ndk.get().asFile.path)
    }
}

android {
    namespace = "org.cooee.core"
    compileSdk =
        libs.versions.android.target
            .get()
            .toInt()
    ndkVersion =
        libs.versions.ndk
            .get()
    defaultConfig.minSdk =
        libs.versions.android.min
            .get()
            .toInt()
    sourceSets["main"].kotlin.srcDir(bindings)
    sourceSets["test"].kotlin.srcDir("src/testFixtures/kotlin")
    sourceSets["main"].jniLibs.srcDir(libraries)
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    testOptions.unitTests.all {
        it.dependsOn(cargoPeer)
        it.systemProperty("jna.library.path", built)
        it.systemProperty("cooee.built", built)
        it.systemProperty("cooee.speech", "$repository/tests/fixtures/speech")
        it.systemProperty("cooee.words", "$repository/uniffi/words.txt")
    }
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

tasks.named("preBuild") { dependsOn(cargoBindings) }

// Only who packs the libraries needs an NDK; tests do not.
tasks.matching { it.name.matches(Regex("merge.*JniLibFolders")) }.configureEach { dependsOn(cargoPhones) }

dependencies {
    api(libs.coroutines)
    implementation("${libs.jna.get()}@aar")
    testImplementation(libs.jna)
    testImplementation(libs.json)
    testImplementation(libs.junit)
}
