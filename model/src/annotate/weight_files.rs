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
    /// There are no weights in any of these places.
    #[error(
        "there are no weights here: {}. Run `cargo xtask weights` in the project's folder first, put them in a folder \
         `weights` beside the program, or name them with --weights and --detector",
        listed(.0)
    )]
    Missing(Vec<PathBuf>),
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

/// Places as a message lists them.
fn listed(places: &[PathBuf]) -> String {
    places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Folders above the program's own in which weights are looked for: programs that cargo builds lie in `target/release` of
/// the project, its tests one deeper.
const MAX_FOLDERS_UP: usize = 4;

/// Weights in the project's `assets/`, or beside the program, of which some may be replaced by other files.
#[derive(Clone, Debug, Default)]
pub struct WeightFiles {
    /// Names and the files to read instead.
    pub replaced: Vec<(&'static str, PathBuf)>,
}

impl WeightFiles {
    /// The file of a name: the first of [`WeightFiles::places`] that is there, or the first of all.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        let mut places = self.places(name);
        let found = places.iter().position(|place| place.is_file()).unwrap_or_default();
        places.swap_remove(found)
    }

    /// Where a name's file is looked for, in order; never empty.
    ///
    /// In the folder that the program is started in and in those that the program lies in: `assets/`, as `cargo xtask
    /// weights` and training leave it, then `weights/`, as a build of the page has it.
    #[must_use]
    pub fn places(&self, name: &str) -> Vec<PathBuf> {
        match self.replaced.iter().find(|(known, _)| *known == name) {
            Some((_, path)) => vec![path.clone()],
            None => places_from(std::env::current_exe().ok().as_deref(), name),
        }
    }

    /// Loads the network of a name.
    ///
    /// # Errors
    /// When the file is missing, unreadable or another network's.
    pub fn load<N: Network>(&self, name: &'static str, device: &Device) -> Result<N, NetworkError> {
        let bytes = read(&self.places(name))?;
        N::load(bytes, device).map_err(|error| NetworkError::Unusable(name.to_owned(), error))
    }
}

/// # Arguments
/// * `program` - the program's own file.
fn places_from(program: Option<&Path>, name: &str) -> Vec<PathBuf> {
    let assets = if matches!(name, "ssd" | "movenet") { "assets/cache" } else { "assets/weights" };
    let above = program.into_iter().flat_map(|it| it.ancestors().skip(1).take(MAX_FOLDERS_UP + 1));
    let folders = [Path::new("")].into_iter().chain(above);
    folders.flat_map(|it| [assets, "weights"].map(|below| it.join(below).join(name).with_extension("bpk"))).collect()
}

impl Source for WeightFiles {
    type Error = NetworkError;

    async fn weights(&self, name: &'static str) -> Result<Vec<u8>, NetworkError> {
        read(&self.places(name))
    }
}

/// Reads the first of these files that is there.
fn read(places: &[PathBuf]) -> Result<Vec<u8>, NetworkError> {
    for place in places {
        match std::fs::read(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map_err(|error| NetworkError::Unreadable(place.clone(), error)),
        }
    }
    Err(NetworkError::Missing(places.to_owned()))
}

/// Loads a network from a file.
///
/// # Errors
/// When the file is missing, unreadable or another network's.
pub fn load_network<N: Network>(path: &Path, device: &Device) -> Result<N, NetworkError> {
    let bytes = read(&[path.to_owned()])?;
    N::load(bytes, device).map_err(|error| NetworkError::Unusable(path.display().to_string(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_weights_come_from_their_file_and_missing_ones_are_named() {
        let files = WeightFiles { replaced: vec![("mask", "elsewhere/m.bpk".into())] };
        assert_eq!(files.path("mask"), Path::new("elsewhere/m.bpk"));
        assert!(files.path("segment").ends_with("assets/weights/segment.bpk"));
        assert!(files.path("ssd").ends_with("assets/cache/ssd.bpk"));
        let error = pollster::block_on(files.weights("mask")).expect_err("there is no such file");
        assert!(
            matches!(&error, NetworkError::Missing(places) if *places == [Path::new("elsewhere/m.bpk")]),
            "{error}"
        );
    }

    #[test]
    fn weights_are_looked_for_where_the_program_is_started_and_where_it_lies() {
        let places = places_from(Some(Path::new("/project/target/release/annotate")), "ssd");
        let expected = [
            "assets/cache/ssd.bpk",
            "weights/ssd.bpk",
            "/project/target/release/assets/cache/ssd.bpk",
            "/project/target/release/weights/ssd.bpk",
        ];
        assert_eq!(places[..4], expected.map(PathBuf::from));
        assert!(places.contains(&"/project/assets/cache/ssd.bpk".into()));
        assert_eq!(places_from(None, "mask").len(), 2);
        let told = NetworkError::Missing(places.clone()).to_string();
        assert!(places.iter().all(|place| told.contains(&place.display().to_string())), "{told}");
    }

    #[test]
    fn the_first_file_that_is_there_is_read() {
        let folder = std::env::temp_dir().join(format!("lookout-weights-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("weights")).expect("a folder");
        std::fs::write(folder.join("weights/mask.bpk"), "found").expect("a file");
        let places = places_from(Some(&folder.join("annotate")), "mask");
        let bytes = read(&places[2..4]).expect("beside the program");
        std::fs::remove_dir_all(&folder).expect("it was made above");
        assert_eq!(bytes, b"found");
    }
}
