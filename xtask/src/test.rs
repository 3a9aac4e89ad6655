//! `cargo xtask test`: everything.

use anyhow::{Context, Result};
use clap::Args;
use std::{
    env,
    net::IpAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    build, chromium, npm,
    process::{self, say},
    project::Project,
    serve, weights,
};

/// Which tests to run; without a flag, all.
#[derive(Args)]
pub struct Parts {
    /// Only the native tests.
    #[arg(long)]
    native: bool,
    /// Only the browser tests, on a fresh build.
    #[arg(long)]
    browser: bool,
    /// With the browser tests: use the `dist/` that is there.
    #[arg(long)]
    no_build: bool,
    /// Handed to Playwright, e.g. `-- --grep offline`.
    #[arg(last = true)]
    playwright: Vec<String>,
}

/// The crates with native tests, each with the features that its other commands use, so that nothing is compiled twice:
/// cargo unites the features of what it builds in one go.
const NATIVE: [&str; 4] = ["xtask", "model", "lookout-protocol", PAGE];
/// What is tested in one go with the page: its features are the same.
const WITH_PAGE: [&str; 2] = ["lookout-look", "lookout-quest"];
/// The page's crate.
const PAGE: &str = "lookout";

/// The path under which the browser tests find the app a second time.
const SUB_PATH: &str = "/course/lookout/";

/// Runs the tests.
///
/// # Errors
/// When one of them fails or cannot be run.
pub fn test(project: &Project, parts: &Parts) -> Result<()> {
    let all = !parts.native && !parts.browser;
    if all || parts.native {
        // The parity tests run the packaged networks.
        weights::prepare(project)?;
        for package in NATIVE {
            let mut test = project.cargo();
            test.args(["test", "--quiet", "-p", package]);
            match package {
                // Quick to compile, and quick enough to run: its networks are in the workers.
                // Only its tests: the crate as others would link it takes as long again.
                PAGE => {
                    test.args(["--profile", "page-test", "--lib"]).args(WITH_PAGE.into_iter().flat_map(|it| ["-p", it]))
                }
                "model" => test.args(["--release", "--features", "train"]),
                _ => test.arg("--release"),
            };
            process::run(&mut test)?;
        }
    }
    if all || parts.browser {
        if !parts.no_build {
            build::build(project, &build::Options::default())?;
        }
        browser(project, &parts.playwright)?;
    }
    Ok(())
}

/// Runs Playwright's tests of `tests/browser` against the app, served at a root and under a sub-path.
fn browser(project: &Project, arguments: &[String]) -> Result<()> {
    let chromium = chromium::find_or_install()?;
    say("Using", chromium.display());
    let folder = project.root().join("tests/browser");
    npm::install_locked(&folder).context("cannot install the browser tests' packages")?;
    let options =
        |sub_path: &str| serve::Options { port: 8180, host: IpAddr::from([127, 0, 0, 1]), sub_path: sub_path.into() };
    let dist = serve::dist(project)?;
    let root = serve::serve_beside(&dist, &options("/"))?;
    let sub_path = serve::serve_beside(&dist, &options(SUB_PATH))?;
    let mut playwright = Command::new("node");
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(arguments)
        .current_dir(&folder)
        .env("CHROMIUM", chromium)
        .env("LOOKOUT_URL", &root)
        .env("LOOKOUT_SUB_PATH_URL", sub_path);
    process::run(&mut playwright)?;
    if arguments.is_empty() { firefox(&folder, &root) } else { Ok(()) }
}

/// Runs a short visit with Firefox, where it is installed.
fn firefox(folder: &Path, address: &str) -> Result<()> {
    let named = env::var_os("FIREFOX").map(PathBuf::from);
    let Some(program) = named.or_else(|| ["firefox-esr", "firefox"].into_iter().find_map(process::find)) else {
        say(
            "Skipping",
            "Firefox, which is not installed: `apt-get install firefox-esr`, or set FIREFOX to its program",
        );
        return Ok(());
    };
    let mut visit = Command::new("node");
    // Node.js 20 has WebSocket behind this flag.
    visit.args(["--experimental-websocket", "firefox.mjs"]).current_dir(folder);
    process::run(visit.env("FIREFOX", program).env("LOOKOUT_URL", address))
}
