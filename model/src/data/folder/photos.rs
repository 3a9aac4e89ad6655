//! Finding the photos that labels name.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use crate::{coco::stem, data::photo_list::PhotoList};

/// The photos below a folder, found by their path in it without its ending, or by their name alone where no other photo
/// has it.
#[derive(Debug)]
pub(crate) struct Photos {
    folder: PathBuf,
    by_path: HashMap<String, PathBuf>,
    by_stem: HashMap<String, PathBuf>,
}

impl Photos {
    /// Lists them; none when the folder is not there.
    pub(crate) fn of(folder: &Path) -> Self {
        let (mut by_path, mut by_stem, mut shared) = (HashMap::new(), HashMap::new(), HashSet::new());
        // A folder that is not there has no photos.
        let roots: &[PathBuf] = if folder.is_dir() { &[folder.to_owned()] } else { &[] };
        for (path, name) in PhotoList::of(roots).photos {
            if by_stem.insert(stem(&name).to_owned(), path.clone()).is_some() {
                shared.insert(stem(&name).to_owned());
            }
            by_path.insert(without_ending(&name).to_owned(), path);
        }
        by_stem.retain(|stem, _| !shared.contains(stem));
        Self { folder: folder.to_owned(), by_path, by_stem }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a photo that labels name with or without its folder and its ending.
    pub(crate) fn find(&self, name: &str) -> Option<&Path> {
        let exact = self.by_path.get(name).or_else(|| self.by_path.get(without_ending(name)));
        exact.or_else(|| self.by_stem.get(stem(name))).map(PathBuf::as_path)
    }
}

/// A path without the ending of its file name.
fn without_ending(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    path[name..].rfind('.').map_or(path, |dot| &path[..name + dot])
}
