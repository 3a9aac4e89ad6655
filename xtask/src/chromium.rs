//! The browser that the tests drive.

use anyhow::{Context, Result, bail};
use std::{env, path::PathBuf};

use crate::{apt, process};

/// Programs that are Chromium under one of its names, on the `PATH`.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The headless shell, and the package that has it.
const SHELL: &str = "chromium-headless-shell";

/// Where macOS and Windows keep it.
const PLACES: [&str; 4] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/// Finds Chromium, or installs it with apt where this program may.
///
/// The environment variable `CHROMIUM` names another one.
///
/// # Errors
/// When there is none and it cannot be installed; the error says what to do.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM") {
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("CHROMIUM names {}, which is no file", path.display());
        }
        return Ok(path);
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    if !apt::is_there() {
        bail!(
            "no Chromium was found: install Chromium or Google Chrome, or set CHROMIUM to its program, then run this again"
        );
    }
    if !apt::may_install() {
        bail!(
            "no Chromium was found: run `sudo apt-get install chromium`, or set CHROMIUM to its program, then run this again"
        );
    }
    install().context("cannot install Chromium: install it, or set CHROMIUM to its program, then run this again")?;
    find().context("apt installed the package chromium, but there is no program of that name on the PATH")
}

fn find() -> Option<PathBuf> {
    let places = || PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    NAMES.iter().find_map(|name| process::find(name)).or_else(places)
}

/// Finds Chromium's headless shell, the same engine without menus and windows, or installs it with apt where this program may.
///
/// The environment variable `HEADLESS_SHELL` names another one; with `CHROMIUM` alone, that one drives all tests.
///
/// # Returns
/// `None` where there is none: the tests take Chromium then, and longer.
pub fn shell() -> Option<PathBuf> {
    if let Some(path) = env::var_os("HEADLESS_SHELL") {
        return Some(PathBuf::from(path));
    }
    if env::var_os("CHROMIUM").is_some() {
        return None;
    }
    process::find(SHELL).or_else(|| {
        apt::install_optional(&[SHELL]);
        process::find(SHELL)
    })
}

fn install() -> Result<()> {
    // The fonts draw the page's letters; a bare machine may have none.
    apt::install(&["chromium", "fonts-dejavu-core"])
}
