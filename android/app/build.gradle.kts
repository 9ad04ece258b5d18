plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

val repository: File = rootDir.parentFile
val built: String = "${System.getenv("CARGO_TARGET_DIR") ?: "$repository/target"}/debug"

android {
    namespace = "org.cooee.phone"
    compileSdk =
        libs.versions.android.target
            .get()
            .toInt()
    defaultConfig {
        applicationId = "org.cooee.phone"
        minSdk =
            libs.versions.android.min
                .get()
                .toInt()
        targetSdk =
            libs.versions.android.target
                .get()
                .toInt()
        versionCode = 1
        versionName = "0.1.0"
        // Without the core's library, JNA's alone would let the app be installed where it cannot run.
        ndk.abiFilters += providers.gradleProperty("cooee.abis").get().split(',')
    }
    ndkVersion =
        libs.versions.ndk
            .get()
    buildTypes.named("release") {
        isMinifyEnabled = true
        isShrinkResources = true
        proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        vcsInfo.include = false
    }
    // F-Droid takes no block that only Google can read.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }
    // Of the core's words Arabic has those that are ready; the rest is English (docs/android.md).
    lint.disable += "MissingTranslation"
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets["test"].kotlin.srcDir("../core/src/testFixtures/kotlin")
    testOptions.unitTests {
        isIncludeAndroidResources = true
        all {
            it.dependsOn(":core:cargoPeer")
            it.maxHeapSize = "2g"
            // One copy of the bindings per process: the core holds one table of callbacks.
            it.systemProperty("org.robolectric.packagesToNotAcquire", "org.cooee.core.,org.cooee.model.,com.sun.jna.,kotlin.,kotlinx.")
            it.systemProperty("robolectric.pixelCopyRenderMode", "hardware")
            it.systemProperty("jna.library.path", built)
            it.systemProperty("cooee.built", built)
            it.systemProperty("cooee.speech", "$repository/tests/fixtures/speech")
            it.systemProperty("cooee.words", "$repository/uniffi/words.txt")
            it.systemProperty("cooee.android", rootDir.path)
            it.systemProperty(
                "cooee.pictures",
                layout.buildDirectory
                    .dir("pictures")
                    .get()
                    .asFile.path,
            )
        }
    }
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

dependencies {
    implementation(project(":core"))
    implementation(libs.coroutines)
    implementation(libs.qrcodegen)
    testImplementation(libs.jna)
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testImplementation(libs.robolectric)
}
