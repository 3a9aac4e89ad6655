//! `cargo xtask build`: everything into `dist/`.

mod hashed;
mod modules;
mod optimize;
mod site;
mod sizes;
mod split;

use anyhow::{Context, Result};
use clap::{Args, builder::PossibleValuesParser};
use std::{thread, time::Instant};

pub use hashed::{FOLDER, HOST_HEADERS, for_hosts};
use modules::Selection;
pub use site::{MANIFEST, SERVICE_WORKER, public_url};

use crate::{
    process::{self, say},
    project::Project,
    weights,
};

/// The target of the web modules.
const WASM: &str = "wasm32-unknown-unknown";

/// How to build.
#[derive(Args, Default)]
pub struct Options {
    /// The path on the host where the files will lie, e.g. /course/lookout/. Without it they work from any path.
    #[arg(long, value_name = "PATH", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Build quickly: leave out wasm-opt and the table of sizes.
    #[arg(long)]
    pub dev: bool,
    /// Build only these modules and take the others as they were last built.
    #[arg(long, value_name = "MODULE", value_delimiter = ',', value_parser = PossibleValuesParser::new(modules::names()))]
    pub only: Vec<String>,
}

/// Builds `dist/`.
///
/// # Errors
/// When any step fails; the old `dist/` stays then.
pub fn build(project: &Project, options: &Options) -> Result<()> {
    let started = Instant::now();
    ensure_wasm_target()?;
    let weights = weights::prepare(project)?;
    let modules = modules::build(project, options.dev, Selection::Named(&options.only))?;
    let files = site::assemble(project, options.public_url.as_deref(), &modules, &weights)?;
    if !options.dev {
        sizes::report(project, &files)?;
    }
    say("Finished", format_args!("{} in {:.1?}", project.dist().display(), started.elapsed()));
    Ok(())
}

/// Builds a `dist/` that answers as soon as may be: the page and one CPU worker, large and without the others.
///
/// # Errors
/// As [`build`].
pub fn build_first(project: &Project, public_url: Option<&str>) -> Result<()> {
    let started = Instant::now();
    ensure_wasm_target()?;
    let (weights, modules) = thread::scope(|scope| -> Result<_> {
        let weights = scope.spawn(|| weights::prepare(project));
        let modules = modules::build(project, true, Selection::First)?;
        Ok((weights.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?, modules))
    })?;
    site::assemble(project, public_url, &modules, &weights)?;
    say("Finished", format_args!("a first page in {:.1?}", started.elapsed()));
    Ok(())
}

/// Adds the target for web modules to the toolchain, if it is not there.
fn ensure_wasm_target() -> Result<()> {
    let mut rustc = std::process::Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    let folder = String::from_utf8(process::output(&mut rustc)?)?;
    if std::path::Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    process::run(std::process::Command::new("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("the Rust target {WASM} is missing: add it, with rustup or your system's packages"))
}
