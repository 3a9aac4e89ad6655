//! The files of what was dropped or picked together, folders included.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::photo::{PhotoFault, import::DropPayload};

/// At most this many entries of a folder are looked at.
const MAX_ENTRIES: usize = 500;

/// The files of a payload: those that were named one by one, in the visitor's order, then the images in folders. Where some of
/// the former are images, what says that it is none comes after them.
///
/// # Errors
/// [`PhotoFault::EmptyFolder`] if there are only folders, and no image in them.
pub async fn files_of(payload: DropPayload) -> Result<Vec<File>, PhotoFault> {
    let DropPayload { mut files, folders, .. } = payload;
    // A picked folder comes as its files.
    let (in_folders, mut files): (Vec<File>, Vec<File>) =
        files.drain(..).partition(|file| relative_path(file).contains('/'));
    let mut found: Vec<File> = in_folders.into_iter().filter(|file| !file.name().starts_with('.')).collect();
    found.sort_by_key(relative_path);
    for folder in folders {
        found.extend(files_in(folder).await);
    }
    found.retain(|file| likely_image(&file.type_(), &file.name()));
    files.sort_by_key(|file| !likely_image(&file.type_(), &file.name())); // stable
    files.append(&mut found);
    if files.is_empty() { Err(PhotoFault::EmptyFolder) } else { Ok(files) }
}

/// The path of a file in the folder that it was picked with; empty for a file that was picked itself.
fn relative_path(file: &File) -> String {
    let path = crate::js::property(file, "webkitRelativePath");
    path.and_then(|it| it.as_string()).unwrap_or_default()
}

/// Whether a file says that it is an image, by type or by name.
fn likely_image(kind: &str, name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "avif", "heic", "heif", "tif", "tiff"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    kind.starts_with("image/") || ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
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
}
