//! Reads what the built library says of itself, and writes the bindings: `cooee-bindgen LIBRARY FOLDER`.
#![forbid(unsafe_code)]

use anyhow::Context;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (library, folder) = arguments.next().zip(arguments.next()).context("Type: cooee-bindgen LIBRARY FOLDER")?;
    generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: folder.into(),
        config_override: None,
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })
}
