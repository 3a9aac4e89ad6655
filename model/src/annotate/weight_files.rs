//! Weights in files.

use std::{
    io,
    path::{Path, PathBuf},
};

use burn::tensor::Device;

use crate::{
    nn::weights::{Network, WeightsError},
    systems::{LoadError, Source},
};

/// Why a network cannot be loaded from its file.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// There are no weights.
    #[error("there are no weights at {}: run `cargo xtask weights` first, or name files with --weights and --detector", .0.display())]
    Missing(PathBuf),
    /// The weights could not be read from disk.
    #[error("the weights at {} could not be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The weights are not this network's.
    #[error("the weights {0} cannot be used ({1}): run `cargo xtask weights` again")]
    Unusable(String, WeightsError),
}

impl From<LoadError<Self>> for NetworkError {
    fn from(error: LoadError<Self>) -> Self {
        match error {
            LoadError::Source(error) => error,
            LoadError::Weights(name, error) => Self::Unusable(name.to_owned(), error),
        }
    }
}

/// Weights below `assets/`, of which some may be replaced by other files.
#[derive(Clone, Debug, Default)]
pub struct WeightFiles {
    /// Names and the files to read instead.
    pub replaced: Vec<(&'static str, PathBuf)>,
}

impl WeightFiles {
    /// The file of a name: as `cargo xtask weights` leaves packaged networks, or as heads were trained here.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        let replaced = self.replaced.iter().find(|(known, _)| *known == name).map(|(_, path)| path.clone());
        replaced.unwrap_or_else(|| {
            let folder = if matches!(name, "ssd" | "movenet") { "assets/cache" } else { "assets/weights" };
            Path::new(folder).join(name).with_extension("bpk")
        })
    }
}

impl Source for WeightFiles {
    type Error = NetworkError;

    async fn weights(&self, name: &'static str) -> Result<Vec<u8>, NetworkError> {
        read(&self.path(name))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, NetworkError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => NetworkError::Missing(path.to_owned()),
        _ => NetworkError::Unreadable(path.to_owned(), error),
    })
}

/// Loads a network from a file.
///
/// # Errors
/// When the file is missing, unreadable or another network's.
pub fn load_network<N: Network>(path: &Path, device: &Device) -> Result<N, NetworkError> {
    N::load(read(path)?, device).map_err(|error| NetworkError::Unusable(path.display().to_string(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_weights_come_from_their_file_and_missing_ones_are_named() {
        let files = WeightFiles { replaced: vec![("mask", "elsewhere/m.bpk".into())] };
        assert_eq!(files.path("mask"), Path::new("elsewhere/m.bpk"));
        assert_eq!(files.path("segment"), Path::new("assets/weights/segment.bpk"));
        assert_eq!(files.path("ssd"), Path::new("assets/cache/ssd.bpk"));
        let error = pollster::block_on(files.weights("mask")).expect_err("there is no such file");
        assert!(matches!(&error, NetworkError::Missing(path) if path == Path::new("elsewhere/m.bpk")), "{error}");
    }
}
