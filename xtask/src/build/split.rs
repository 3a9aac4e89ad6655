//! Chunks: parts of a module that the page loads when they are first needed.
//!
//! A function marked with `wasm_split` (see the documentation of the crate `lookout`) becomes the entry of a chunk, and
//! what nothing else uses goes there with it. Chunks share the memory and the function table of the main module.

use anyhow::{Context, Result, anyhow};
use std::{
    fs,
    path::{Path, PathBuf},
};
use wasm_split_cli_support::Options;

/// What the linker has to keep so that a module can be split: where functions and data refer to each other.
pub const LINK_ARGUMENT: &str = "-Clink-arg=--emit-relocs";

/// What the names of chunks start with: entries marked in the source, and what several of those share.
const PREFIXES: [&str; 2] = ["split_", "chunk_"];

/// Identifies how [`split`] works: part of the key of what was built.
pub const IDENTITY: &str = "wasm_split_cli_support 0.2.4";

/// Splits a module as the linker made it. Puts the chunks and the script that loads them into the folder and returns the
/// main module, which wasm-bindgen still has to process.
///
/// # Errors
/// When the module has no relocations, or a file cannot be written.
pub fn split(name: &str, wasm: &[u8], to: &Path) -> Result<Vec<u8>> {
    let scratch = tempfile::tempdir()?;
    let main = scratch.path().join("main.wasm");
    let (page, loader) = (format!("./{name}.js"), format!("./{}", loader_name(name)));
    let mut options = Options::new(wasm);
    options.output_dir = to;
    options.main_out_path = &main;
    options.main_module = &page;
    options.link_name = &loader;
    wasm_split_cli_support::transform(options).map_err(|report| anyhow!("{report:#}")).context("wasm-split")?;
    fs::read(&main).with_context(|| format!("cannot read {}", main.display()))
}

/// What the script is called that loads a module's chunks; the module's own script imports it.
pub fn loader_name(name: &str) -> String {
    format!("{name}_chunks.js")
}

/// Whether a file of the site is a chunk.
pub fn is_chunk(file: &str) -> bool {
    file.ends_with(".wasm") && PREFIXES.iter().any(|prefix| file.starts_with(prefix))
}

/// The chunks in a folder, in alphabetical order.
///
/// # Errors
/// When the folder cannot be listed.
pub fn chunks(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        if is_chunk(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_told_from_modules() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for name in ["split_inside.wasm", "chunk_2.wasm", "page_bg.wasm", "page_chunks.js", "split_inside.js"] {
            fs::write(folder.path().join(name), "")?;
        }
        assert_eq!(chunks(folder.path())?, ["chunk_2.wasm", "split_inside.wasm"].map(|name| folder.path().join(name)));
        Ok(())
    }

    #[test]
    fn a_module_without_relocations_is_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        // The smallest module: magic number and version.
        let error = split("page", b"\0asm\x01\0\0\0", folder.path()).expect_err("there is nothing to go by");
        assert!(format!("{error:#}").starts_with("wasm-split: "), "{error:#}");
        Ok(())
    }
}
