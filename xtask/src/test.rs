//! `cargo xtask test`: everything.

use anyhow::{Context, Result, ensure};
use clap::Args;
use std::{
    env,
    fs::{self, File},
    io,
    net::IpAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    build, chromium, npm, other_browsers,
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
const NATIVE: [&str; 3] = ["xtask", "model", PAGE];
/// What is tested in one go with the page: its features are the same.
const WITH_PAGE: [&str; 4] = ["lookout-look", "lookout-quest", "lookout-protocol", "lookout-worker"];
/// The page's crate.
const PAGE: &str = "lookout";

/// How often the log of a build beside the tests is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// The path under which the browser tests find the app a second time.
const SUB_PATH: &str = "/course/lookout/";

/// Runs the tests.
///
/// # Errors
/// When one of them fails or cannot be run.
pub fn test(project: &Project, parts: &Parts) -> Result<()> {
    let all = !parts.native && !parts.browser;
    let builds = !parts.no_build;
    if parts.browser && builds {
        build::build(project, &build::Options::default())?;
    }
    if all || parts.native {
        // The parity tests run the packaged networks.
        weights::prepare(project)?;
        let build = if all && builds { Some(BuildBeside::start(project)?) } else { None };
        native(project)?;
        if let Some(build) = build {
            build.finish()?;
        }
    }
    if all || parts.browser { browser(project, &parts.playwright) } else { Ok(()) }
}

/// Runs the native tests.
fn native(project: &Project) -> Result<()> {
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
    Ok(())
}

/// `dist/` as another process of this program builds it while the native tests run: linking a module keeps one core busy
/// for minutes, and the tests have work for the others. Cargo's locks are by profile, so that neither waits for the other.
struct BuildBeside {
    child: Child,
    /// What it says.
    log: PathBuf,
}

impl BuildBeside {
    fn start(project: &Project) -> Result<Self> {
        let folder = project.scratch();
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let log = folder.join("build.log");
        let program = env::current_exe().context("cannot find this program")?;
        say("Building", format_args!("dist/ beside the native tests; what it says comes after theirs"));
        Self::of(Command::new(program).arg("build"), log)
    }

    fn of(command: &mut Command, log: PathBuf) -> Result<Self> {
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("cannot share the log")?)
            .stderr(file)
            .spawn()
            .context("cannot start the build")?;
        Ok(Self { child, log })
    }

    /// Shows what it has said and what it goes on to say, until its end.
    fn finish(mut self) -> Result<()> {
        let mut log = File::open(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        loop {
            let end = self.child.try_wait().context("cannot wait for the build")?;
            io::copy(&mut log, &mut io::stdout()).context("cannot show what the build says")?;
            if let Some(status) = end {
                ensure!(status.success(), "the build failed ({status})");
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }
}

impl Drop for BuildBeside {
    /// Ends it when the tests have failed.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Where it has just ended there is nothing to do.
            let _ = self.child.kill();
        }
    }
}

/// Runs Playwright's tests of `tests/browser` against the app, served as it was built at a root, and as hosts get it under a
/// sub-path.
fn browser(project: &Project, arguments: &[String]) -> Result<()> {
    let chromium = chromium::find_or_install()?;
    say("Using", chromium.display());
    let folder = project.root().join("tests/browser");
    npm::install_locked(&folder).context("cannot install the browser tests' packages")?;
    let options =
        |sub_path: &str| serve::Options { port: 8180, host: IpAddr::from([127, 0, 0, 1]), sub_path: sub_path.into() };
    let dist = serve::dist(project)?;
    let root = serve::serve_beside(&dist, &options("/"))?;
    let sub_path = serve::serve_beside(&build::for_hosts(project)?, &options(SUB_PATH))?;
    let mut playwright = Command::new("node");
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(arguments)
        .current_dir(&folder)
        .env("CHROMIUM", chromium)
        .env("LOOKOUT_URL", &root)
        .env("LOOKOUT_SUB_PATH_URL", sub_path);
    if let Some(shell) = chromium::shell() {
        say("Using", format_args!("{}, where the whole browser is not needed", shell.display()));
        playwright.env("HEADLESS_SHELL", shell);
    }
    process::run(&mut playwright)?;
    if arguments.is_empty() { other_browsers::visit(&folder, &root) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_beside_is_waited_for_and_its_failure_told() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let beside = |arguments: &[&str]| {
            BuildBeside::of(Command::new("cargo").args(arguments), folder.path().join(arguments.join(" ")))
        };
        beside(&["--version"])?.finish()?;
        assert!(fs::read_to_string(folder.path().join("--version"))?.starts_with("cargo "));
        let error = beside(&["no-such-subcommand"])?.finish().expect_err("cargo refuses");
        assert!(error.to_string().contains("the build failed"), "{error}");
        Ok(())
    }
}
