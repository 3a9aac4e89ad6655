//! The packaged network in ONNX's format, for ONNX Runtime Web. Needs Python; nothing else of the project does.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    atomic, checksum,
    process::{self, say},
};

const SCRIPT: &str = "make_onnx.py";
const REQUIREMENTS: &str = "requirements.txt";

/// Converts the TensorFlow.js graph `graph` with the script in `folder`, once, and returns where the result is.
///
/// # Errors
/// When Python or its packages are missing, or the script fails. The first line of the error says what to install.
pub fn convert(folder: &Path, graph: &Path, scratch: &Path) -> Result<Option<PathBuf>> {
    let out = scratch.join("ssd.onnx");
    let stamp = scratch.join("ssd.onnx.made-from");
    let sources = [folder.join(SCRIPT), folder.join(REQUIREMENTS), graph.to_owned()].map(fs::read);
    let sources = sources.into_iter().collect::<Result<Vec<_>, _>>().context("cannot read the conversion's sources")?;
    let made_from = checksum::sha256_parts(sources.iter().map(Vec::as_slice));
    if out.is_file() && fs::read_to_string(&stamp).is_ok_and(|before| before == made_from) {
        return Ok(Some(out));
    }
    let python = environment(folder, scratch)?;
    process::output(Command::new(python).arg(folder.join(SCRIPT)).args([graph, &out]))
        .context("the conversion to ONNX failed")?;
    atomic::write(&stamp, made_from.as_bytes())?;
    Ok(Some(out))
}

/// A Python of the benchmark's own with what the script needs; made once.
fn environment(folder: &Path, scratch: &Path) -> Result<PathBuf> {
    let requirements = fs::read(folder.join(REQUIREMENTS))?;
    let place = scratch.join(format!("python-{}", &checksum::sha256(&requirements)[..12]));
    let python = place.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let finished = place.join("finished");
    if finished.is_file() {
        return Ok(python);
    }
    say("Installing", "Python's package onnx");
    // A virtual environment knows its own path and cannot be moved: a half-made one is removed instead.
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    process::output(Command::new("python3").args(["-m", "venv"]).arg(&place))
        .context("Python 3 with its module venv was not found (on Debian: `apt-get install python3-venv`)")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::output(pip.arg(folder.join(REQUIREMENTS))).context("pip could not install Python's package onnx")?;
    atomic::write(&finished, b"")?;
    Ok(python)
}
