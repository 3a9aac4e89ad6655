//! The project's files that tests read.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use model::{annotate::WeightFiles, catalog::CATALOG, photo::Photo};
use serde::de::DeserializeOwned;

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// The place of a weights file below `assets/`.
pub fn weights_path(path: &str) -> PathBuf {
    let path = root().join("assets").join(path);
    assert!(path.is_file(), "there is no {}; run `cargo xtask weights` first", path.display());
    path
}

/// A weights file below `assets/`.
pub fn weights(path: &str) -> Vec<u8> {
    std::fs::read(weights_path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All weights below `assets/`, wherever the test runs.
pub fn weight_files() -> WeightFiles {
    let usual = WeightFiles::default();
    let names: BTreeSet<&str> = CATALOG.iter().flat_map(|info| info.weights).copied().collect();
    let place = |name| {
        let path = root().join(usual.path(name));
        assert!(path.is_file(), "there is no {}; run `cargo xtask weights` first", path.display());
        (name, path)
    };
    WeightFiles { replaced: names.into_iter().map(place).collect() }
}

/// The place of a sample photo.
pub fn photo_path(name: &str) -> PathBuf {
    root().join("assets/photos").join(name)
}

/// A sample photo.
pub fn photo(name: &str) -> Photo {
    Photo::open(photo_path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A JSON file below `tests/reference/`.
pub fn reference<T: DeserializeOwned>(path: &str) -> T {
    let file = root().join("tests/reference").join(path);
    let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
