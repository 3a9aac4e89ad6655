//! Optimisation of modules by `binaryen`, from npm.

use anyhow::{Context, Result};
use std::{fs, path::PathBuf, process::Command, time::Instant};

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

/// What runs binaryen; it knows the features of WebAssembly that rustc and our flags use.
const SCRIPT: &str = include_str!("optimize.mjs");

/// Identifies what [`optimize`] would do at this level; `None` is no optimisation.
pub fn identity(level: Option<Level>) -> String {
    level.map_or_else(|| "none".into(), |level| format!("binaryen {BINARYEN} {}", level.flag()))
}

/// Installs the tool, unless it is there.
///
/// # Errors
/// When it cannot be installed.
pub fn tool(project: &Project) -> Result<PathBuf> {
    Ok(npm::install_tool(project, "binaryen", BINARYEN)?.join("index.js"))
}

/// Optimises modules in place, all by one process.
///
/// # Errors
/// When the tool cannot be installed or fails; the module at which it failed stays as it was then.
pub fn optimize(project: &Project, modules: &[PathBuf], level: Level) -> Result<()> {
    let tool = tool(project)?;
    let started = Instant::now();
    let before = bytes(modules)?;
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("optimize.mjs");
    fs::write(&script, SCRIPT)?;
    process::output(Command::new("node").arg(script).arg(tool).arg(level.flag()).args(modules)).context("binaryen")?;
    let name = modules.first().and_then(|module| module.file_name()).unwrap_or_default().to_string_lossy();
    let others = match modules.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let (level, after) = (level.flag(), bytes(modules)?);
    say(
        "Optimized",
        format_args!("{name}{others} with {level}: {before} to {after} bytes in {:.1?}", started.elapsed()),
    );
    Ok(())
}

/// The bytes of some files together.
fn bytes(files: &[PathBuf]) -> Result<u64> {
    files.iter().try_fold(0, |sum, file| Ok(sum + fs::metadata(file)?.len()))
}
