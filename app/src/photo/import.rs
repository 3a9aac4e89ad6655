//! Imports: what a visitor drops, pastes or picks (files, folders, links or text), and which photo to take from it.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use super::{
    Photo, PhotoFault,
    address::{from_address, looks_like_address},
    decode,
};

/// At most this many entries of a folder are looked at.
const MAX_ENTRIES: usize = 500;

/// Everything that was dropped, pasted or picked at once.
#[derive(Debug, Default)]
pub struct DropPayload {
    files: Vec<File>,
    folders: Vec<FileSystemDirectoryEntry>,
    text: Option<String>,
}

/// A photo, and what the visitor should know about how it was chosen.
#[derive(Debug)]
pub struct Imported {
    /// The photo.
    pub photo: Photo,
    /// E.g. that it was one of several.
    pub notice: Option<String>,
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

    /// The first usable photo: of the files, likely images first; then of the folders; then behind the link.
    ///
    /// # Errors
    /// Why there is none: what is wrong with the likeliest of them.
    pub async fn import(mut self) -> Result<Imported, PhotoFault> {
        let dropped_folder = !self.folders.is_empty();
        for folder in std::mem::take(&mut self.folders) {
            self.files.extend(files_in(folder).await);
        }
        if self.files.is_empty() {
            return match self.text {
                _ if dropped_folder => Err(PhotoFault::EmptyFolder),
                Some(text) if looks_like_address(&text) => {
                    from_address(&text).await.map(|photo| Imported { photo, notice: None })
                }
                Some(_) => Err(PhotoFault::Text),
                None => Err(PhotoFault::Nothing),
            };
        }
        let count = self.files.len();
        if dropped_folder {
            self.files.retain(|file| likely_image(&file.type_(), &file.name()));
        }
        // Stable: among the likely ones the visitor's order counts.
        self.files.sort_by_key(|file| !likely_image(&file.type_(), &file.name()));
        let mut first_fault = None;
        for file in self.files {
            let name = file.name();
            match decode(file.into(), name.clone()).await {
                Ok(photo) => {
                    let notice =
                        (count > 1).then(|| format!("One photo at a time: {name} was taken of {count} files."));
                    return Ok(Imported { photo, notice });
                }
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        Err(first_fault.unwrap_or(PhotoFault::EmptyFolder))
    }
}

/// Whether a file says that it is an image, by type or by name.
fn likely_image(kind: &str, name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "avif", "heic", "heif", "tif", "tiff"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    kind.starts_with("image/") || ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The first address of a `text/uri-list`, whose lines may be comments.
fn first_link(list: &str) -> Option<String> {
    list.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
}

fn list_of(list: &FileList) -> Vec<File> {
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

/// The files of a folder and its folders, by name, without hidden ones.
async fn files_in(folder: FileSystemDirectoryEntry) -> Vec<File> {
    let (mut files, mut folders, mut seen) = (Vec::new(), vec![folder], 0);
    while let Some(folder) = folders.pop() {
        let mut entries = entries_of(&folder).await;
        entries.retain(|entry| !entry.name().starts_with('.'));
        entries.sort_by_key(FileSystemEntry::name);
        for entry in entries {
            seen += 1;
            if seen > MAX_ENTRIES {
                return files;
            }
            if entry.is_directory() {
                folders.insert(0, entry.unchecked_into());
            } else {
                files.extend(file_of(entry.unchecked_into()).await);
            }
        }
    }
    files
}

/// One folder's entries: the reader gives them in portions and an empty portion at the end.
async fn entries_of(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let portion =
            JsFuture::from(promise(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject)));
        match portion.await.map(|it| it.unchecked_into::<Array>()) {
            Ok(portion) if portion.length() > 0 && entries.len() < MAX_ENTRIES => {
                entries.extend(portion.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
            }
            // The end, or a folder that may not be read: what was read so far counts.
            _ => return entries,
        }
    }
}

async fn file_of(entry: FileSystemFileEntry) -> Option<File> {
    let file = promise(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    });
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}

/// A promise of what an old interface hands to callbacks.
fn promise(call: impl Fn(&js_sys::Function, &js_sys::Function) -> Result<(), JsValue>) -> Promise {
    Promise::new(&mut |resolve, reject| {
        // `once_into_js` frees the closure after its call.
        let give = Closure::once_into_js(move |value: JsValue| resolve.call1(&JsValue::NULL, &value));
        let refuse = reject.clone();
        let fail = Closure::once_into_js(move |error: JsValue| refuse.call1(&JsValue::NULL, &error));
        if let Err(error) = call(give.unchecked_ref(), fail.unchecked_ref()) {
            leptos::logging::warn!("{:?}", reject.call1(&JsValue::NULL, &error));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_type_or_name() {
        assert!(likely_image("image/png", "x"));
        assert!(likely_image("", "IMG_1.JPG"));
        assert!(likely_image("", "photo.heic"));
        assert!(!likely_image("text/plain", "notes.txt"));
        assert!(!likely_image("", "README"));
    }

    #[test]
    fn links_of_a_list() {
        assert_eq!(
            first_link("# a comment\r\nhttps://a.org/1.png\r\nhttps://a.org/2.png").as_deref(),
            Some("https://a.org/1.png")
        );
        assert_eq!(first_link("\n# only a comment"), None);
    }
}
