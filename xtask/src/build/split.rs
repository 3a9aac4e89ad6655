//! Chunks: parts of a module that the page loads when they are first needed.
//!
//! A function marked with `wasm_split` (see the documentation of the crate `lookout`) becomes the entry of a chunk, and
//! what nothing else uses goes there with it. Chunks share the memory and the function table of the main module.
//!
//! What several entries share is a chunk of its own for each set of them, most of a few hundred bytes: those lie one behind
//! the other in one file, since forty requests keep the page busy for longer than a result takes to draw.

use anyhow::{Context, Result, anyhow, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};
use wasm_split_cli_support::Options;

/// What the linker has to keep so that a module can be split: where functions and data refer to each other.
pub const LINK_ARGUMENT: &str = "-Clink-arg=--emit-relocs";

/// What the names of chunks start with that several entries share.
const SHARED: &str = "chunk_";

/// What the names of chunks start with: entries marked in the source, and what several of those share.
const PREFIXES: [&str; 2] = ["split_", SHARED];

/// Shared chunks below this many bytes are put together.
const SMALL: usize = 8192;

/// How the loader gets a chunk that is put together with others: the place of its bytes in their file.
const BUNDLED: &str = r#"
let bundle = undefined;
async function bundled(start, end) {
    bundle ??= fetch(new URL("./NAME", import.meta.url)).then((answer) => {
        if (!answer.ok) throw new Error(`NAME: ${answer.status}`);
        return answer.arrayBuffer();
    });
    const here = bundle;
    try {
        return new Uint8Array(await here, start, end - start);
    } catch (error) {
        // The next one who asks tries again.
        if (bundle === here) bundle = undefined;
        throw error;
    }
}
"#;

/// Identifies how [`split`] and [`put_together`] work: part of the key of what was built.
pub fn identity() -> String {
    format!("wasm_split_cli_support 0.2.4, chunks below {SMALL} bytes in one file: {BUNDLED}")
}

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

/// Puts the small chunks of a module into one file and has the loader take them from there.
///
/// # Arguments
/// * `name` - of the module.
/// * `folder` - with the chunks, as they are going to be served, and their loader.
///
/// # Errors
/// When a file cannot be read or written, or the loader is not as the splitter is known to write it.
pub fn put_together(name: &str, folder: &Path) -> Result<()> {
    let loader = folder.join(loader_name(name));
    let bundle_name = format!("{name}_chunks.bin");
    let mut script = fs::read_to_string(&loader).with_context(|| format!("cannot read {}", loader.display()))?;
    let mut bundle = Vec::new();
    for chunk in chunks(folder)? {
        let file = chunk.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&chunk).with_context(|| format!("cannot read {file}"))?;
        if bytes.len() >= SMALL || !file.starts_with(SHARED) {
            continue;
        }
        let fetched = format!("const src = fetch(new URL(\"./{file}\", import.meta.url));");
        let (start, end) = (bundle.len(), bundle.len() + bytes.len());
        let (before, after) =
            script.split_once(&fetched).with_context(|| format!("the loader does not fetch {file}"))?;
        let streaming = "WebAssembly.instantiateStreaming(src, imports)";
        ensure!(after.contains(streaming), "the loader does not stream {file}");
        // `src` becomes a promise of bytes, and a module from bytes comes with its instance.
        let after = after.replacen(streaming, "src.then((bytes) => WebAssembly.instantiate(bytes, imports))", 1);
        script = format!("{before}const src = bundled({start}, {end});{after}");
        bundle.extend(bytes);
        fs::remove_file(&chunk).with_context(|| format!("cannot remove {file}"))?;
    }
    if bundle.is_empty() {
        return Ok(());
    }
    script += &BUNDLED.replace("NAME", &bundle_name);
    fs::write(folder.join(&bundle_name), bundle).with_context(|| format!("cannot write {bundle_name}"))?;
    fs::write(&loader, script).with_context(|| format!("cannot write {}", loader.display()))
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
    fn small_shared_chunks_are_put_together() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        let fetched = |file: &str| {
            format!(
                "makeLoad(() => {{ const src = fetch(new URL(\"./{file}\", import.meta.url)); src.catch(() => {{}});\n\
                 return async (imports) => (WebAssembly.instantiateStreaming(src, imports)); }}, []);\n"
            )
        };
        let files = [("chunk_1.wasm", 3), ("chunk_2.wasm", SMALL), ("chunk_3.wasm", 5), ("split_lists.wasm", 9)];
        for (i, (file, bytes)) in files.iter().enumerate() {
            fs::write(path(file), vec![i as u8; *bytes])?; // four
        }
        fs::write(path("page_chunks.js"), files.map(|(file, _)| fetched(file)).concat())?;
        put_together("page", folder.path())?;
        assert_eq!(fs::read(path("page_chunks.bin"))?, [0, 0, 0, 2, 2, 2, 2, 2]);
        let script = fs::read_to_string(path("page_chunks.js"))?;
        assert!(script.contains("src = bundled(0, 3);") && script.contains("src = bundled(3, 8);"), "{script}");
        assert_eq!(script.matches("WebAssembly.instantiate(bytes, imports)").count(), 2);
        assert_eq!(script.matches("instantiateStreaming(src, imports)").count(), 2, "the large one and the entry");
        assert!(script.contains("./page_chunks.bin"));
        assert_eq!(chunks(folder.path())?, ["chunk_2.wasm", "split_lists.wasm"].map(path));
        put_together("page", folder.path())?;
        assert_eq!(fs::read(path("page_chunks.bin"))?.len(), 8, "nothing is left to put there");
        fs::write(path("chunk_4.wasm"), [4])?;
        let error = put_together("page", folder.path()).expect_err("the loader does not know it");
        assert!(error.to_string().contains("chunk_4.wasm"), "{error}");
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
