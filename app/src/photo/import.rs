//! Imports: what a visitor drops, pastes or picks (files, folders, links or text).

use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry};

use super::{
    Photo, PhotoFault,
    address::{from_address, looks_like_address},
    decode,
};

/// Everything that was dropped, pasted or picked at once.
#[derive(Debug, Default)]
pub struct DropPayload {
    /// Files, in the visitor's order.
    pub files: Vec<File>,
    /// Folders.
    pub folders: Vec<FileSystemDirectoryEntry>,
    /// A link, or another text.
    text: Option<String>,
}

impl DropPayload {
    /// Reads a drop or a paste. To be called while its event is handled: afterwards the browser empties it.
    #[must_use]
    pub fn from_transfer(transfer: &DataTransfer) -> Self {
        let mut payload = Self::default();
        let items = transfer.items();
        for item in (0..items.length()).filter_map(|index| items.get(index)).filter(|item| item.kind() == "file") {
            let entry = item.webkit_get_as_entry().ok().flatten();
            match entry.filter(FileSystemEntry::is_directory) {
                Some(folder) => payload.folders.push(folder.unchecked_into()),
                None => payload.files.extend(item.get_as_file().ok().flatten()),
            }
        }
        if payload.files.is_empty() && payload.folders.is_empty() {
            payload.files = transfer.files().map(|list| list_of(&list)).unwrap_or_default();
        }
        let text = |kind| transfer.get_data(kind).ok().filter(|text| !text.trim().is_empty());
        payload.text = text("text/uri-list").and_then(|list| first_link(&list)).or_else(|| text("text/plain"));
        payload
    }

    /// What a file picker gave.
    #[must_use]
    pub fn from_files(list: &FileList) -> Self {
        Self { files: list_of(list), ..Self::default() }
    }

    /// Whether there are files or folders in it, not only text.
    #[must_use]
    pub fn has_files(&self) -> bool {
        !self.files.is_empty() || !self.folders.is_empty()
    }

    /// Whether there may be several photos in it.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.files.len() > 1 || !self.folders.is_empty()
    }

    /// The photo of the only file, or behind the link.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn import(self) -> Result<Photo, PhotoFault> {
        match (self.files.into_iter().next(), self.text) {
            (Some(file), _) => {
                let name = file.name();
                decode(file.into(), name).await
            }
            (None, Some(text)) if looks_like_address(&text) => from_address(&text).await,
            (None, Some(_)) => Err(PhotoFault::Text),
            (None, None) => Err(PhotoFault::Nothing),
        }
    }
}

/// The first address of a `text/uri-list`, whose lines may be comments.
fn first_link(list: &str) -> Option<String> {
    list.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
}

fn list_of(list: &FileList) -> Vec<File> {
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_list() {
        assert_eq!(
            first_link("# a comment\r\nhttps://a.org/1.png\r\nhttps://a.org/2.png").as_deref(),
            Some("https://a.org/1.png")
        );
        assert_eq!(first_link("\n# only a comment"), None);
    }
}
