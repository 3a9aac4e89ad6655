//! Debian's packages, where this program may install them.

use anyhow::Result;
use std::process::Command;

use crate::process::{self, say};

/// Whether this system has apt.
pub fn is_there() -> bool {
    process::find("apt-get").is_some()
}

/// Whether this program runs as the superuser.
pub fn may_install() -> bool {
    let id = process::output(Command::new("id").arg("-u"));
    id.is_ok_and(|id| id.trim_ascii() == b"0")
}

/// Installs packages that can be done without, where this program may; says so when that fails.
pub fn install_optional(packages: &[&str]) {
    if is_there()
        && may_install()
        && let Err(error) = install(packages)
    {
        say("Skipping", format_args!("{}: {error:#}", packages.join(", ")));
    }
}

/// Installs packages.
///
/// # Errors
/// When apt fails.
pub fn install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        process::run(command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2").args(arguments))
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}
