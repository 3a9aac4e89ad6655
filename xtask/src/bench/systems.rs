//! The systems of the catalogue, as the benchmark names and sizes them.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::project::Project;

/// Where the rows are. They are read as text: to link the catalogue would be to compile burn for this program.
const ROWS: &str = "model/src/catalog/rows.rs";

/// A row of the catalogue.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct System {
    key: String,
    title: String,
    /// The files of its networks.
    weights: Vec<String>,
    /// Their bytes in all.
    bytes: u64,
}

/// The rows of the catalogue with the sizes of their weights.
///
/// # Arguments
/// * `wanted` - keys; all systems if there are none.
///
/// # Errors
/// When the rows cannot be read, a key is none of theirs, or weights are not there.
pub fn systems(project: &Project, wanted: &[String]) -> Result<Vec<System>> {
    let path = project.root().join(ROWS);
    let mut systems = rows(&fs::read_to_string(&path).with_context(|| path.display().to_string())?);
    for key in wanted {
        ensure!(systems.iter().any(|it| it.key == *key), "{key} is no system of the catalogue");
    }
    systems.retain(|it| wanted.is_empty() || wanted.contains(&it.key));
    for system in &mut systems {
        for name in &system.weights {
            let places = ["assets/weights", "assets/cache"].map(|folder| project.root().join(folder));
            let files = places.map(|folder| folder.join(name).with_extension("bpk"));
            let size = files.iter().find_map(|file| fs::metadata(file).ok()).map(|it| it.len());
            system.bytes += size.with_context(|| format!("{name}.bpk is not there"))?;
        }
    }
    Ok(systems)
}

/// The rows in the source of the catalogue.
fn rows(source: &str) -> Vec<System> {
    let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let field = |row: &str, name: &str| -> Vec<String> {
        let line = row.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(quoted).unwrap_or_default()
    };
    let row = |row: &str| {
        let (key, title) = (field(row, "key: ").pop()?, field(row, "title: ").pop()?);
        Some(System { key, title, weights: field(row, "weights: "), bytes: 0 })
    };
    source.split("\n    Info {\n").skip(1).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_catalogue_is_found() {
        let source = include_str!("../../../model/src/catalog/rows.rs");
        let found = rows(source);
        assert_eq!(found.len(), source.matches("system: System::").count());
        assert!(found.len() >= 18 && found.iter().all(|it| it.weights.first().is_some_and(|name| name == "ssd")));
        let keys: Vec<&str> = found.iter().map(|it| it.key.as_str()).collect();
        assert!(keys.contains(&"faster-rcnn") && keys.contains(&"yolo"), "{keys:?}");
    }
}
