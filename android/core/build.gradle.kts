import org.gradle.api.tasks.Exec

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

val repository: File = rootDir.parentFile
val bindings = layout.buildDirectory.dir("generated/uniffi")
val libraries = layout.buildDirectory.dir("generated/jni")

/** The core for this machine, and what writes its bindings: tests run on it, too. */
val cargoHost by tasks.registering(Exec::class) {
    workingDir = repository
    commandLine("cargo", "build", "--locked", "-p", "cooee", "-p", "cooee-uniffi", "-p", "cooee-bindgen")
}

/** The bindings, written from the built library. */
val cargoBindings by tasks.registering(Exec::class) {
    dependsOn(cargoHost)
    workingDir = repository
    outputs.dir(bindings)
    commandLine("target/debug/cooee-bindgen", "target/debug/libcooee_uniffi.so", bindings.get().asFile.path)
}

/** The core for phones: needs cargo-ndk and an NDK. */
val cargoPhones by tasks.registering(Exec::class) {
    workingDir = repository
    outputs.dir(libraries)
    val places = listOf("arm64-v8a", "armeabi-v7a", "x86_64").flatMap { listOf("-t", it) }
    commandLine(
        listOf("cargo", "ndk") + places +
            listOf(
                "-P",
                libs.versions.android.min
                    .get(),
                "-o",
                libraries.get().asFile.path,
                "build",
                "--release",
                "--locked",
                "-p",
                "cooee-uniffi",
            ),
    )
}

android {
    namespace = "org.cooee.core"
    compileSdk =
        libs.versions.android.target
            .get()
            .toInt()
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
        it.systemProperty("jna.library.path", "$repository/target/debug")
        it.systemProperty("cooee.built", "$repository/target/debug")
        it.systemProperty("cooee.speech", "$repository/tests/fixtures/speech")
    }
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

tasks.named("preBuild") { dependsOn(cargoBindings, cargoPhones) }

dependencies {
    api(libs.coroutines)
    implementation("${libs.jna.get()}@aar")
    testImplementation(libs.jna)
    testImplementation(libs.json)
    testImplementation(libs.junit)
}
