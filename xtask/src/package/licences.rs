//! The licences of the crates that the web modules are made of.

use anyhow::Result;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::{process, project::Project};

/// The packages that become web modules.
const ROOTS: [&str; 2] = ["lookout", "lookout-worker"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None for what is linked, otherwise `build` or `dev`.
    kind: Option<String>,
}

/// One text: what each crate says of itself, then the texts of the licences, each once.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn of_crates(project: &Project) -> Result<String> {
    let mut cargo = project.cargo();
    cargo.args(["metadata", "--format-version=1", "--filter-platform", "wasm32-unknown-unknown"]);
    cargo.args(["--features", "lookout-worker/cpu,lookout-worker/gpu"]);
    let metadata: Metadata = serde_json::from_slice(&process::output(&mut cargo)?)?;
    let linked = linked(&metadata);
    let mut text = "The WebAssembly modules of Lookout are made of these crates.\n\n".to_owned();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata.packages.iter().filter(|it| it.source.is_some() && linked.contains(it.id.as_str())) {
        let Package { name, version, .. } = package;
        let license = package.license.as_deref().unwrap_or("see its repository");
        let _ =
            writeln!(text, "{name} {version}: {license} ({})", package.repository.as_deref().unwrap_or("crates.io"));
        for licence in package.manifest_path.parent().map(texts_in).unwrap_or_default() {
            texts.entry(licence).or_default().insert(format!("{name} {version}"));
        }
    }
    for (licence, crates) in texts {
        let crates = crates.into_iter().collect::<Vec<_>>().join(", ");
        let _ = write!(text, "\n{}\n{crates}\n\n{}\n", "-".repeat(80), licence.trim());
    }
    Ok(text)
}

/// The packages that are linked into the web modules, by their ids.
fn linked(metadata: &Metadata) -> BTreeSet<&str> {
    let nodes: HashMap<&str, &Node> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let roots = metadata.packages.iter().filter(|it| it.source.is_none() && ROOTS.contains(&it.name.as_str()));
    let mut waiting: Vec<&str> = roots.map(|it| it.id.as_str()).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !found.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let linked = dependencies.filter(|it| it.dep_kinds.iter().any(|it| it.kind.is_none()));
        waiting.extend(linked.map(|it| it.pkg.as_str()));
    }
    found
}

/// The texts of the licences in a crate's folder.
fn texts_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_licence = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
        path.is_file() && ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|it| name.starts_with(it))
    };
    entries.filter(is_licence).filter_map(|path| fs::read_to_string(path).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_builds_or_tests_is_not_linked() -> Result<()> {
        let text = r#"{
            "packages": [
                {"id": "p", "name": "lookout", "version": "1", "manifest_path": "p/Cargo.toml"},
                {"id": "a", "name": "a", "version": "1", "manifest_path": "a/Cargo.toml", "source": "registry"},
                {"id": "b", "name": "b", "version": "1", "manifest_path": "b/Cargo.toml", "source": "registry"},
                {"id": "c", "name": "c", "version": "1", "manifest_path": "c/Cargo.toml", "source": "registry"}
            ],
            "resolve": {"nodes": [
                {"id": "p", "deps": [{"pkg": "a", "dep_kinds": [{"kind": null}]}, {"pkg": "b", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "a", "deps": [{"pkg": "c", "dep_kinds": [{"kind": "build"}, {"kind": null}]}]},
                {"id": "b", "deps": []},
                {"id": "c", "deps": [{"pkg": "a", "dep_kinds": [{"kind": null}]}]}
            ]}
        }"#;
        let metadata: Metadata = serde_json::from_str(text)?;
        assert_eq!(linked(&metadata).into_iter().collect::<Vec<_>>(), ["a", "c", "p"]);
        Ok(())
    }

    #[test]
    fn licence_texts_are_found_by_their_names() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for name in ["LICENSE-MIT", "license.txt", "README.md"] {
            fs::write(folder.path().join(name), name)?;
        }
        let mut found = texts_in(folder.path());
        found.sort();
        assert_eq!(found, ["LICENSE-MIT", "license.txt"]);
        Ok(())
    }
}
