//! `assets/weights.toml`: which packages hold which networks.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The program that converts.
    pub converter: Converter,
    /// The networks, in the order in which they are made.
    #[serde(rename = "network")]
    pub networks: Vec<Network>,
}

/// The program that turns a TF.js graph into burn's format.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Converter {
    /// Source files and folders, from the workspace's root: a change to one of them converts again.
    pub sources: Vec<String>,
}

/// One packaged network.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The converter's name for it.
    pub name: String,
    /// The npm package.
    pub package: String,
    /// The package's exact version.
    pub version: String,
    /// The TF.js graph inside the package; one of `files`.
    pub graph: String,
    /// The result's file name.
    pub output: String,
    /// Whether it is part of the app already.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Every file that is read, with its SHA-256.
    pub files: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

impl Manifest {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// When it cannot be read, or an entry makes no sense.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let manifest: Self = toml::from_str(text)?;
        for network in &manifest.networks {
            network.check().with_context(|| format!("network `{}`", network.name))?;
        }
        Ok(manifest)
    }
}

impl Network {
    /// Identifies what the result is made from, apart from the converter.
    pub fn identity(&self) -> String {
        serde_json::to_string(self).expect("strings and a boolean have a JSON form")
    }

    fn check(&self) -> Result<()> {
        ensure!(self.files.contains_key(&self.graph), "`graph` is not one of `files`");
        ensure!(is_plain(&self.output) && !self.output.contains('/'), "`output` is not a file name");
        for (file, sha256) in &self.files {
            ensure!(is_plain(file), "`{file}` leaves the package");
            let is_checksum = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            ensure!(is_checksum, "`{file}` has no SHA-256 but `{sha256}`");
        }
        Ok(())
    }
}

/// Whether a relative path stays where it is put.
fn is_plain(path: &str) -> bool {
    !path.contains('\\') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn manifest(graph: &str, file: &str, sha256: &str) -> Result<Manifest> {
        Manifest::parse(&format!(
            "[converter]\nsources = []\n[[network]]\nname = \"n\"\npackage = \"p\"\nversion = \"1.0.0\"\n\
             graph = \"{graph}\"\noutput = \"n.bpk\"\n[network.files]\n\"{file}\" = \"{sha256}\"\n"
        ))
    }

    #[test]
    fn the_project_s_own_file_is_sound() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/weights.toml");
        let manifest = Manifest::read(&path).expect("it is sound");
        assert!(manifest.networks.iter().any(|network| network.name == "ssd" && network.enabled));
    }

    #[test]
    fn senseless_entries_are_refused() {
        manifest("m/a.json", "m/a.json", SHA).expect("sound");
        manifest("m/b.json", "m/a.json", SHA).expect_err("the graph has no checksum");
        manifest("../a.json", "../a.json", SHA).expect_err("outside the package");
        manifest("m/a.json", "m/a.json", "abc").expect_err("not a SHA-256");
    }
}
