//! Which files a command line means.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

/// Photos to annotate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoList {
    /// The files, each with the name that results give it.
    pub photos: Vec<(PathBuf, String)>,
    /// Files in folders that are not named like photos.
    pub others: usize,
    /// Folders and files that could not be listed, with the reason.
    pub unreadable: Vec<String>,
}

impl PhotoList {
    /// Lists single files (whatever they are called) and folders with all they hold (only files that are named like
    /// photos), sorted by path. Results call a file by its path inside its folder, or by its name; where two would
    /// share it, by the path as it was given.
    #[must_use]
    pub fn of(paths: &[PathBuf]) -> Self {
        let mut list = Self::default();
        for root in paths {
            if root.is_dir() {
                list.add_folder(root);
            } else {
                let name =
                    root.file_name().map_or_else(|| root.display().to_string(), |name| name.display().to_string());
                list.photos.push((root.clone(), name));
            }
        }
        let mut uses: HashMap<String, usize> = HashMap::new();
        for (_, name) in &list.photos {
            *uses.entry(name.clone()).or_default() += 1;
        }
        for (path, name) in &mut list.photos {
            if uses[name] > 1 {
                *name = path.display().to_string();
            }
        }
        list
    }

    fn add_folder(&mut self, root: &Path) {
        for entry in WalkDir::new(root).sort_by_file_name().follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable.push(error.to_string());
                    continue;
                }
            };
            if !entry.file_type().is_file() {
                continue;
            }
            if !is_named_like_a_photo(entry.path()) {
                self.others += 1;
                continue;
            }
            let inside = entry.path().strip_prefix(root).unwrap_or_else(|_| entry.path());
            let parts: Vec<String> = inside.iter().map(|part| part.display().to_string()).collect();
            self.photos.push((entry.path().to_owned(), parts.join("/")));
        }
    }
}

fn is_named_like_a_photo(path: &Path) -> bool {
    const ENDINGS: [&str; 14] =
        ["jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif", "heic"];
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_names_stay_apart() {
        let root = std::env::temp_dir().join(format!("lookout-photo-list-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a/nested")).expect("a writable temporary folder");
        for file in ["a/2.JPG", "a/nested/1.png", "a/notes.txt", "2.JPG", "odd"] {
            std::fs::write(root.join(file), b"").expect("a writable temporary folder");
        }
        let list = PhotoList::of(&[root.join("a"), root.join("odd")]);
        let names: Vec<&str> = list.photos.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["2.JPG", "nested/1.png", "odd"]);
        assert_eq!(list.others, 1);
        let twice = PhotoList::of(&[root.join("a"), root.join("2.JPG")]);
        assert_eq!(twice.photos[0].1, root.join("a/2.JPG").display().to_string());
        assert_eq!(twice.photos[2].1, root.join("2.JPG").display().to_string());
        std::fs::remove_dir_all(&root).expect("it was just made");
    }
}
