//! Files and folders that are there whole or not at all.

use anyhow::{Context, Result};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tempfile::{Builder, TempDir};

/// Writes a file beside its place, then moves it there.
///
/// # Errors
/// When it cannot be written; nothing is left behind then, and an older file stays as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> Result<()> {
        let folder = parent(path)?;
        let mut file = Builder::new().prefix(".writing-").tempfile_in(folder)?;
        std::io::Write::write_all(&mut file, bytes)?;
        // A temporary file is private to its owner; what is made here may be served by another account.
        #[cfg(unix)]
        fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A folder being filled. Unless it is [`put`](Self::put) in its place, it disappears.
pub struct NewFolder {
    scratch: TempDir,
    place: PathBuf,
}

impl NewFolder {
    /// Starts an empty folder beside the place where it is to be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn beside(place: &Path) -> Result<Self> {
        let make = || -> Result<_> { Ok(Builder::new().prefix(".making-").tempdir_in(parent(place)?)?) };
        let scratch = make().with_context(|| format!("cannot make a folder beside {}", place.display()))?;
        // Not the temporary folder itself: that one is private to its owner.
        fs::create_dir(scratch.path().join("new"))?;
        Ok(Self { scratch, place: place.to_owned() })
    }

    /// Where to put its files for now.
    pub fn path(&self) -> PathBuf {
        self.scratch.path().join("new")
    }

    /// Moves the folder to its place, instead of what was there.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn put(self) -> Result<()> {
        let old = self.scratch.path().join("old");
        match fs::rename(&self.place, &old) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => fs::rename(self.path(), &self.place),
        }
        .with_context(|| format!("cannot replace {}", self.place.display()))
    }
}

fn parent(path: &Path) -> Result<&Path> {
    let folder = path.parent().context("it has no parent folder")?;
    fs::create_dir_all(folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder can be listed");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("deep/file");
        write(&path, b"one")?;
        write(&path, b"two")?;
        assert_eq!(fs::read(&path)?, b"two");
        assert_eq!(names(&folder.path().join("deep")), ["file"]);
        Ok(())
    }

    #[test]
    fn a_folder_is_replaced_whole() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("dist");
        fs::create_dir(&place)?;
        fs::write(place.join("stale"), "")?;
        let new = NewFolder::beside(&place)?;
        fs::write(new.path().join("fresh"), "")?;
        new.put()?;
        assert_eq!(names(&place), ["fresh"]);
        assert_eq!(names(folder.path()), ["dist"]);
        Ok(())
    }

    #[test]
    fn an_abandoned_folder_disappears() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let new = NewFolder::beside(&folder.path().join("dist"))?;
        fs::write(new.path().join("half"), "")?;
        drop(new);
        assert_eq!(names(folder.path()), [""; 0]);
        Ok(())
    }
}
