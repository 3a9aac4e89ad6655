//! The project's files that several tests read.

#![allow(dead_code, reason = "no test reads all of them")]

use std::path::{Path, PathBuf};

use model::{annotate::WeightFiles, photo::Photo};

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// A weights file below `assets/`.
pub fn weights(path: &str) -> Vec<u8> {
    let path = root().join("assets").join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask weights` first", path.display()))
}

/// A sample photo.
pub fn photo(name: &str) -> Photo {
    Photo::open(root().join("assets/photos").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All weights below `assets/`, wherever the test runs.
pub fn weight_files() -> WeightFiles {
    let cached = ["ssd", "movenet"].map(|name| (name, format!("cache/{name}.bpk")));
    let own = ["mask", "segment", "caption", "localize"].map(|name| (name, format!("weights/{name}.bpk")));
    let file = |(name, path)| (name, root().join("assets").join::<String>(path));
    WeightFiles { replaced: cached.into_iter().chain(own).map(file).collect() }
}
