//! wasm-opt, from the npm package `binaryen`.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{npm, process, process::say, project::Project};

const BINARYEN: &str = "132.0.0";

/// What the optimised module should be.
#[derive(Clone, Copy)]
pub enum Level {
    /// Fast.
    Speed,
    /// Small.
    Size,
}

impl Level {
    fn flag(self) -> &'static str {
        match self {
            Self::Speed => "-O2",
            Self::Size => "-Oz",
        }
    }
}

/// What rustc and our flags emit: WebAssembly 2.0 as every browser of the last years has it, and relaxed SIMD, which only
/// one module has (wasm-opt adds no instruction of it to the others).
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-relaxed-simd",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Identifies what [`optimize`] would do at this level; `None` is no optimisation.
pub fn identity(level: Option<Level>) -> String {
    level.map_or_else(|| "none".into(), |level| format!("binaryen {BINARYEN} {}", level.flag()))
}

/// Installs the tool, unless it is there.
///
/// # Errors
/// When it cannot be installed.
pub fn tool(project: &Project) -> Result<PathBuf> {
    Ok(npm::install_tool(project, "binaryen", BINARYEN)?.join("bin/wasm-opt"))
}

/// Optimises the module in place.
///
/// # Errors
/// When the tool cannot be installed or fails; the module stays as it was then.
pub fn optimize(project: &Project, module: &Path, level: Level) -> Result<()> {
    let tool = tool(project)?;
    let started = Instant::now();
    let before = fs::metadata(module)?.len();
    let result = module.with_extension("optimized");
    let mut node = Command::new("node");
    node.arg(tool).arg(level.flag()).args(FEATURES).arg(module).arg("-o").arg(&result);
    process::output(&mut node).context("wasm-opt")?;
    fs::rename(&result, module)?;
    let after = fs::metadata(module)?.len();
    let name = module.file_name().unwrap_or_default().to_string_lossy();
    say(
        "Optimized",
        format_args!("{name} with {}: {before} to {after} bytes in {:.1?}", level.flag(), started.elapsed()),
    );
    Ok(())
}
