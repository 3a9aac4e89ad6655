//! Firefox and WebKit, which run a few visits of their own.

use anyhow::Result;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    apt,
    process::{self, say},
};

/// What apt calls them; WebKit needs a display, which Xvfb stands for.
const PACKAGES: [&str; 4] = ["firefox-esr", "webkit2gtk-driver", "xvfb", "xauth"];
/// Where the small browser of WebKitGTK lies, below a folder for each version of its library.
const LIBRARIES: [&str; 2] = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];

/// The programs of a browser, as variables of the visits' environment.
type Programs = Vec<(&'static str, PathBuf)>;

/// Runs the visits in Firefox and WebKit; installs them with apt where this program may, and says so where it may not.
///
/// The environment variable `FIREFOX` names another Firefox.
///
/// # Errors
/// When a visit fails.
pub fn visit(folder: &Path, address: &str) -> Result<()> {
    if firefox().is_none() || webkit().is_none() {
        // Without them the visits that can be made are made.
        apt::install_optional(&PACKAGES);
    }
    for (name, programs) in [("Firefox", firefox()), ("WebKit", webkit())] {
        match programs {
            Some(programs) => process::run(&mut command(folder, address, &programs))?,
            None => {
                say("Skipping", format_args!("{name}, which is not there: `apt-get install {}`", PACKAGES.join(" ")));
            }
        }
    }
    Ok(())
}

/// The visits with one browser.
fn command(folder: &Path, address: &str, programs: &Programs) -> Command {
    let needs_display = programs.iter().any(|it| it.0 == "WEBKIT");
    let mut command = if needs_display { Command::new("xvfb-run") } else { Command::new("node") };
    if needs_display {
        command.args(["--auto-servernum", "node"]);
    }
    // Node.js 20 has WebSocket behind this flag.
    command.args(["--experimental-websocket", "other/run.mjs"]).current_dir(folder).env("LOOKOUT_URL", address);
    for name in ["FIREFOX", "WEBKIT", "WEBKIT_DRIVER"] {
        command.env_remove(name);
    }
    command.envs(programs.iter().map(|(name, program)| (name, program)));
    command
}

fn firefox() -> Option<Programs> {
    let named = env::var_os("FIREFOX").map(PathBuf::from);
    let program = named.or_else(|| ["firefox-esr", "firefox"].into_iter().find_map(process::find))?;
    Some(vec![("FIREFOX", program)])
}

fn webkit() -> Option<Programs> {
    let (driver, _) = (process::find("WebKitWebDriver")?, process::find("xvfb-run")?);
    Some(vec![("WEBKIT_DRIVER", driver), ("WEBKIT", small_browser()?)])
}

/// The newest MiniBrowser.
fn small_browser() -> Option<PathBuf> {
    let folders = LIBRARIES.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let browsers = folders.map(|folder| folder.path().join("MiniBrowser"));
    browsers.filter(|it| it.is_file()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_with_a_display_of_its_own_is_started_under_one() {
        let program = |command: &Command| command.get_program().to_string_lossy().into_owned();
        let firefox = command(Path::new("."), "http://localhost/", &vec![("FIREFOX", "firefox".into())]);
        let webkit = command(Path::new("."), "http://localhost/", &vec![("WEBKIT", "MiniBrowser".into())]);
        assert_eq!([program(&firefox), program(&webkit)], ["node", "xvfb-run"]);
        let set = |command: &Command, name: &str| command.get_envs().any(|it| it.0 == name && it.1.is_some());
        assert!(set(&firefox, "FIREFOX") && !set(&webkit, "FIREFOX"), "one browser at a time");
    }
}
