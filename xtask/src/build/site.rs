//! The static files, put together.

use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

use crate::{atomic::NewFolder, checksum, project::Project, weights::Weights};

/// The list of all files.
pub const MANIFEST: &str = "manifest.json";
/// The service worker, which carries the checksum of [`MANIFEST`] as its version.
pub const SERVICE_WORKER: &str = "sw.js";

/// What the service worker's source holds in the place of the version.
const VERSION_MARK: &str = "%VERSION%";

/// One file of the site, as `manifest.json` lists it.
#[derive(Serialize, Debug, PartialEq)]
pub struct Entry {
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: usize,
}

/// [`MANIFEST`]: every file except itself and the service worker.
#[derive(Serialize)]
struct Manifest<'a> {
    files: &'a BTreeMap<String, Entry>,
}

/// Puts `dist/` together and returns its files by path.
///
/// # Errors
/// When a file cannot be read or written.
pub fn assemble(
    project: &Project,
    public_url: Option<&str>,
    modules: &[PathBuf],
    weights: &[Weights],
) -> Result<BTreeMap<String, Entry>> {
    let new = NewFolder::beside(&project.dist())?;
    let dist = new.path();
    copy_folder(&project.root().join("www"), &dist)?;
    copy_folder(&project.root().join("assets/photos"), &dist.join("photos"))?;
    for module in modules {
        copy_folder(module, &dist)?;
    }
    for weights in weights {
        copy(&weights.path, &dist.join("weights").join(&weights.file))?;
    }
    // Trained here and committed, with a card for each.
    let heads = project.root().join("assets/weights");
    if heads.is_dir() {
        copy_folder(&heads, &dist.join("weights"))?;
    }
    // The networks' licences ask that these travel with them.
    for name in ["NOTICE", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&project.root().join(name), &dist.join(format!("{name}.txt")))?;
    }
    if let Some(url) = public_url {
        edit(&dist.join("index.html"), |page| set_base(page, url))?;
    }
    let files = list(&dist)?;
    let manifest = manifest(&files)?;
    fs::write(dist.join(MANIFEST), &manifest)?;
    let version = checksum::sha256(manifest.as_bytes());
    edit(&dist.join(SERVICE_WORKER), |source| replace_once(source, VERSION_MARK, &version))?;
    new.put()?;
    Ok(files)
}

/// The text of [`MANIFEST`].
///
/// # Errors
/// When it cannot be written as JSON.
pub fn manifest(files: &BTreeMap<String, Entry>) -> Result<String> {
    Ok(serde_json::to_string_pretty(&Manifest { files })?)
}

/// Copies a folder's visible files, with their folders.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(from).into_iter().filter_entry(visible) {
        let entry = entry.with_context(|| format!("cannot list {}", from.display()))?;
        if entry.file_type().is_file() {
            copy(entry.path(), &to.join(entry.path().strip_prefix(from)?))?;
        }
    }
    Ok(())
}

/// Copies a file, making the folders that it needs.
///
/// # Errors
/// When it cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file has a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Changes a text file.
///
/// # Errors
/// When it cannot be read or written, or the change fails.
pub fn edit(path: &Path, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(path, change(&text).with_context(|| path.display().to_string())?)?;
    Ok(())
}

/// The files of a folder by path, without the service worker.
///
/// # Errors
/// When one cannot be read.
pub fn list(dist: &Path) -> Result<BTreeMap<String, Entry>> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(dist) {
        let entry = entry?;
        let parts: Vec<_> = entry.path().strip_prefix(dist)?.iter().map(|part| part.to_string_lossy()).collect();
        let name = parts.join("/");
        if entry.file_type().is_file() && name != SERVICE_WORKER {
            let bytes = fs::read(entry.path())?;
            files.insert(name, Entry { sha256: checksum::sha256(&bytes), bytes: bytes.len() });
        }
    }
    Ok(files)
}

/// Checks the path that the site will have on its host.
///
/// # Errors
/// When it is not an absolute path that ends in a slash, or holds characters that need escaping in HTML.
pub fn public_url(text: &str) -> Result<String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "/-._~%".contains(character);
    if !text.starts_with('/') || text.starts_with("//") || !text.ends_with('/') || !text.chars().all(allowed) {
        bail!("it must look like /course/lookout/");
    }
    Ok(text.to_owned())
}

/// Puts the address that relative links start from into the page.
fn set_base(page: &str, url: &str) -> Result<String> {
    let tag = format!("<base href=\"{url}\">");
    if let Some(start) = page.find("<base ") {
        let length = page[start..].find('>').context("the <base> tag has no end")? + 1;
        return Ok(format!("{}{tag}{}", &page[..start], &page[start + length..]));
    }
    // A <base> works for what follows it, so it comes first.
    let head = page.find("<head>").context("the page has no <head>")? + "<head>".len();
    Ok(format!("{}\n{tag}{}", &page[..head], &page[head..]))
}

/// A text with one part replaced.
///
/// # Errors
/// When the part is not there exactly once.
pub fn replace_once(text: &str, part: &str, by: &str) -> Result<String> {
    if text.matches(part).count() != 1 {
        bail!("expected {part} exactly once");
    }
    Ok(text.replace(part, by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_replaced_or_added() -> Result<()> {
        let page = "<html><head><base href=\"./\"><title>t</title></head>";
        assert_eq!(set_base(page, "/a/")?, "<html><head><base href=\"/a/\"><title>t</title></head>");
        assert_eq!(set_base("<head><title>t</title>", "/a/")?, "<head>\n<base href=\"/a/\"><title>t</title>");
        set_base("<p>no head</p>", "/a/").expect_err("there is nowhere to put it");
        Ok(())
    }

    #[test]
    fn public_urls_are_absolute_folders() {
        for good in ["/", "/course/lookout/", "/~me/l%20k/"] {
            public_url(good).expect(good);
        }
        for bad in ["", "course/", "/course", "//elsewhere/", "/a\"b/", "https://host/"] {
            public_url(bad).expect_err(bad);
        }
    }

    #[test]
    fn the_list_names_files_with_slashes_and_leaves_out_the_service_worker() -> Result<()> {
        let dist = tempfile::tempdir()?;
        for (name, text) in [("sw.js", "s"), ("photos/a.json", "abc")] {
            fs::create_dir_all(dist.path().join("photos"))?;
            fs::write(dist.path().join(name), text)?;
        }
        let expected = Entry { sha256: checksum::sha256(b"abc"), bytes: 3 };
        assert_eq!(list(dist.path())?, BTreeMap::from([("photos/a.json".to_owned(), expected)]));
        Ok(())
    }

    #[test]
    fn hidden_files_are_not_published() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let from = folder.path().join(".www");
        fs::create_dir_all(from.join(".git"))?;
        for name in ["a.css", ".a.css.swp", ".git/config"] {
            fs::write(from.join(name), "")?;
        }
        copy_folder(&from, &folder.path().join("dist"))?;
        assert_eq!(list(&folder.path().join("dist"))?.keys().collect::<Vec<_>>(), ["a.css"]);
        Ok(())
    }
}
