//! The three web modules: compiled, bound to JavaScript, optimised.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use wasm_bindgen_cli_support::Bindgen;

use super::{WASM, optimize};
use crate::{atomic::NewFolder, checksum, process, process::say, project::Project};

/// A WebAssembly module of the app.
struct Module {
    /// What its files are called: `NAME.js` and `NAME_bg.wasm`.
    name: &'static str,
    /// The cargo package.
    package: &'static str,
    /// The package's feature.
    feature: Option<&'static str>,
    /// What wasm-opt aims for.
    level: optimize::Level,
}

/// The page first: its errors show soonest.
const MODULES: [Module; 3] = [
    Module { name: "lookout", package: "lookout", feature: None, level: optimize::Level::Size },
    Module { name: "worker_cpu", package: "lookout-worker", feature: Some("cpu"), level: optimize::Level::Speed },
    Module { name: "worker_gpu", package: "lookout-worker", feature: Some("gpu"), level: optimize::Level::Size },
];

/// Part of every key: change it when the way in which modules are processed changes. (A new wasm-bindgen changes the raw
/// modules, too: they carry its version.)
const PROCESS: &str = "2";

/// Builds the modules and returns the folders with their files.
///
/// # Errors
/// When a step fails.
pub fn build(project: &Project, dev: bool) -> Result<Vec<PathBuf>> {
    MODULES
        .iter()
        .map(|module| build_one(project, module, dev).with_context(|| format!("module {}", module.name)))
        .collect()
}

fn build_one(project: &Project, module: &Module, dev: bool) -> Result<PathBuf> {
    let wasm = compile(project, module, dev)?;
    let level = if dev { None } else { Some(module.level) };
    let key = checksum::sha256_parts([wasm.as_slice(), PROCESS.as_bytes(), optimize::identity(level).as_bytes()]);
    let place = project.scratch().join("modules").join(module.name).join(&key[..16]);
    if place.is_dir() {
        return Ok(place);
    }
    let started = Instant::now();
    let new = NewFolder::beside(&place)?;
    bind(module.name, wasm, &new.path())?;
    say("Bound", format_args!("{} to JavaScript in {:.1?}", module.name, started.elapsed()));
    if let Some(level) = level {
        optimize::optimize(project, &new.path().join(format!("{}_bg.wasm", module.name)), level)?;
    }
    forget_older(place.parent().context("it lies in the module's folder")?, &new)?;
    new.put()?;
    Ok(place)
}

/// Compiles the package and returns its raw module.
fn compile(project: &Project, module: &Module, dev: bool) -> Result<Vec<u8>> {
    let profile = if dev { "web-dev" } else { "web" };
    let mut cargo = project.cargo();
    cargo.args(["build", "--profile", profile, "--target", WASM, "-p", module.package]);
    if let Some(feature) = module.feature {
        cargo.args(["--features", feature]);
    }
    // These would replace the flags of `.cargo/config.toml`, and with them SIMD.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::run(&mut cargo)?;
    // Read at once: the two worker modules share this file name.
    let file = project.target().join(WASM).join(profile).join(module.package.replace('-', "_") + ".wasm");
    fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// Makes the JavaScript that loads the module and the module that it expects.
fn bind(name: &str, wasm: Vec<u8>, to: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, wasm).web(true)?.out_name(name).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(to).context("wasm-bindgen")
}

/// Removes the results for older states of the module.
fn forget_older(folder: &Path, keep: &NewFolder) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !keep.path().starts_with(&path) {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
