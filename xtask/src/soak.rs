//! `cargo xtask soak`: what no test run has the time for: thousands of changed photos, hundreds in a row, minutes of trouble.

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{build, chromium, npm, process, project::Project, serve};

/// How much of each.
#[derive(Args)]
pub struct Options {
    /// Changed photos that are decoded natively.
    #[arg(long, default_value_t = 10_000)]
    decoded: u32,
    /// Changed photos that are opened in the page.
    #[arg(long, default_value_t = 500)]
    fuzzed: u32,
    /// Photos that are opened in a row on each backend.
    #[arg(long, default_value_t = 500)]
    row: u32,
    /// Minutes in which workers are killed, devices lost, storage refused and the network cut at random moments.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// The same seed brings the same changes and troubles.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Use the `dist/` that is there.
    #[arg(long)]
    no_build: bool,
}

/// What `tests/browser/soak.mjs` is told.
#[derive(Serialize)]
struct Plan<'a> {
    address: &'a str,
    chromium: PathBuf,
    seed: u32,
    fuzzed: u32,
    row: u32,
    minutes: f64,
}

/// Runs all of it and prints a table.
///
/// # Errors
/// When a photo ends neither in a result nor in a sentence, memory grows, or the set-up fails.
pub fn soak(project: &Project, options: &Options) -> Result<()> {
    if !options.no_build {
        build::build(project, &build::Options::default())?;
    }
    if options.decoded > 0 {
        let mut fuzz = project.cargo();
        fuzz.args(["run", "--quiet", "--release", "-p", "model", "--features", "train", "--bin", "fuzz", "--"]);
        fuzz.args(["assets/photos", "tests/fixtures"]).args(["--count", &options.decoded.to_string()]);
        process::run(fuzz.args(["--seed", &options.seed.to_string()]))?;
    }
    in_the_page(project, options)
}

fn in_the_page(project: &Project, options: &Options) -> Result<()> {
    let chromium = chromium::find_or_install()?;
    let folder: &Path = &project.root().join("tests/browser");
    npm::install_locked(folder).context("cannot install the browser tests' packages")?;
    let free_port = serve::Options { port: 0, host: IpAddr::from([127, 0, 0, 1]), sub_path: "/".into() };
    let address = serve::serve_beside(&serve::dist(project)?, &free_port)?;
    let Options { seed, fuzzed, row, minutes, .. } = *options;
    let plan = Plan { address: &address, chromium, seed, fuzzed, row, minutes };
    process::run(Command::new("node").arg("soak.mjs").arg(serde_json::to_string(&plan)?).current_dir(folder))
}
