//! A build arranged for hosts: whatever the pages load lies in a folder that is named after its content, so that browsers may
//! keep it for ever.
//!
//! `dist/index.html`, `photos/cat.jpg` and what else has an address of its own stay where they are; `dist/page.js` becomes
//! `build-0123456789abcdef/page.js`. Inside the folder files refer to each other as before, so nothing but the links of the
//! pages changes. A page therefore loads files of its own build only, whatever is put on the host meanwhile.

use anyhow::{Result, ensure};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::site::{self, Entry};
use crate::{atomic::NewFolder, checksum, project::Project};

/// What the name of the folder starts with; `www/sw.js`, `www/worker.js` and `xtask serve` know it, too.
pub const FOLDER: &str = "build-";
/// Characters of a checksum in the folder's name.
const CHARACTERS: usize = 16;

/// Pages, and what other pages, lessons and hosts name by its address.
const ADDRESSED: [&str; 4] = ["index.html", "quest.html", "about.html", "lookout.js"];
/// Folders of such files.
const ADDRESSED_FOLDERS: [&str; 3] = ["photos", "examples", "lessons"];
/// The file that tells some hosts (Netlify, Cloudflare Pages) what to send with files; they do not serve it themselves.
pub const HOST_HEADERS: &str = "_headers";
/// What it says.
const HEADERS: &str = "/build-*\n  Cache-Control: public, max-age=31536000, immutable\n";

/// Arranges `dist/` for hosts and returns the folder.
///
/// # Errors
/// When a file cannot be read or written.
pub fn for_hosts(project: &Project) -> Result<PathBuf> {
    let place = project.target().join("lookout-site");
    arrange(&project.dist(), &place)?;
    Ok(place)
}

/// Fills `place` with the files of a build.
fn arrange(dist: &Path, place: &Path) -> Result<()> {
    let mut files = site::list(dist)?;
    files.remove(site::MANIFEST);
    let built = fs::read_to_string(dist.join(site::MANIFEST))?;
    ensure!(site::manifest(&files)? == built, "dist/ was changed: build again");
    let (kept, program): (BTreeMap<_, _>, BTreeMap<_, _>) = files.into_iter().partition(|(name, _)| has_address(name));
    let folder = folder_of(&program);
    let new = NewFolder::beside(place)?;
    let root = new.path();
    for name in kept.keys() {
        site::copy(&dist.join(name), &root.join(name))?;
    }
    for name in program.keys() {
        site::copy(&dist.join(name), &root.join(&folder).join(name))?;
    }
    // Workers find their files by the manifest beside them.
    fs::write(root.join(&folder).join(site::MANIFEST), site::manifest(&program)?)?;
    for page in kept.keys().filter(|name| name.ends_with(".html") && !name.contains('/')) {
        site::edit(&root.join(page), |text| Ok(linked(text, &folder, &program)))?;
    }
    site::copy(&dist.join(site::SERVICE_WORKER), &root.join(site::SERVICE_WORKER))?;
    let manifest = site::manifest(&site::list(&root)?)?;
    fs::write(root.join(site::MANIFEST), &manifest)?;
    site::edit(&root.join(site::SERVICE_WORKER), |source| {
        site::replace_once(source, &checksum::sha256(built.as_bytes()), &checksum::sha256(manifest.as_bytes()))
    })?;
    fs::write(root.join(HOST_HEADERS), HEADERS)?;
    new.put()
}

/// Whether the file keeps its address.
fn has_address(name: &str) -> bool {
    let folder = name.split_once('/').map(|(folder, _)| folder);
    folder.map_or(ADDRESSED.contains(&name) || name.ends_with(".txt"), |folder| ADDRESSED_FOLDERS.contains(&folder))
}

/// The folder's name: another one whenever one of the files is.
fn folder_of(files: &BTreeMap<String, Entry>) -> String {
    let parts = files.iter().flat_map(|(name, entry)| [name.as_bytes(), entry.sha256.as_bytes()]);
    format!("{FOLDER}{}", &checksum::sha256_parts(parts)[..CHARACTERS])
}

/// A page whose links to the files lead into the folder.
fn linked(page: &str, folder: &str, files: &BTreeMap<String, Entry>) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((at, attribute)) = next_link(rest) {
        let (before, value) = rest.split_at(at + attribute.len());
        text.push_str(before);
        let end = value.find('"').unwrap_or(value.len());
        let file = value[..end].split(['?', '#']).next().unwrap_or_default();
        if files.contains_key(file) {
            text.push_str(folder);
            text.push('/');
        }
        rest = value;
    }
    text + rest
}

/// Where the next attribute with a link begins, and its text up to the link.
fn next_link(text: &str) -> Option<(usize, &'static str)> {
    ["href=\"", "src=\""].into_iter().filter_map(|attribute| Some((text.find(attribute)?, attribute))).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    fn build() -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let dist = folder.path().join("dist");
        let page = "<link href=\"css/a.css\"><script src=\"boot.js?module=quest\"></script><a href=\"quest.html\">";
        let files = [
            ("index.html", page),
            ("quest.html", ""),
            ("boot.js", "import('./page.js')"),
            ("css/a.css", "a"),
            ("weights/ssd.bpk", "1"),
            ("photos/cat.jpg", "2"),
            ("NOTICE.txt", "3"),
        ];
        for (name, text) in files {
            let path = dist.join(name);
            fs::create_dir_all(path.parent().expect("it has a folder"))?;
            fs::write(path, text)?;
        }
        list_again(&dist)?;
        Ok(folder)
    }

    fn list_again(dist: &Path) -> Result<()> {
        let mut files = site::list(dist)?;
        files.remove(site::MANIFEST);
        let manifest = site::manifest(&files)?;
        fs::write(dist.join("manifest.json"), &manifest)?;
        fs::write(dist.join("sw.js"), format!("const VERSION = \"{}\";", checksum::sha256(manifest.as_bytes())))?;
        Ok(())
    }

    fn arranged(folder: &tempfile::TempDir) -> Result<(PathBuf, String)> {
        let place = folder.path().join("site");
        arrange(&folder.path().join("dist"), &place)?;
        let folders = fs::read_dir(&place)?.filter_map(|it| it.ok()?.file_name().into_string().ok());
        let mut builds = folders.filter(|name| name.starts_with(FOLDER));
        let build = builds.next().context("there is a folder")?;
        assert_eq!(builds.next(), None, "one build, one folder");
        Ok((place, build))
    }

    #[test]
    fn what_pages_load_lies_in_one_folder_and_their_links_lead_there() -> Result<()> {
        let folder = build()?;
        let (place, build) = arranged(&folder)?;
        let page = fs::read_to_string(place.join("index.html"))?;
        let expected = format!(
            "<link href=\"{build}/css/a.css\"><script src=\"{build}/boot.js?module=quest\"></script><a href=\"quest.html\">"
        );
        assert_eq!(page, expected);
        for name in ["boot.js", "css/a.css", "weights/ssd.bpk", "manifest.json"] {
            assert!(place.join(&build).join(name).is_file(), "{name}");
            assert_eq!(place.join(name).exists(), name == "manifest.json", "{name}");
        }
        for name in ["quest.html", "photos/cat.jpg", "NOTICE.txt", "sw.js"] {
            assert!(place.join(name).is_file() && !place.join(&build).join(name).exists(), "{name}");
        }
        Ok(())
    }

    #[test]
    fn the_service_worker_knows_every_file_by_its_new_place() -> Result<()> {
        let folder = build()?;
        let (place, build) = arranged(&folder)?;
        let manifest = fs::read(place.join("manifest.json"))?;
        let version = fs::read_to_string(place.join("sw.js"))?;
        assert_eq!(version, format!("const VERSION = \"{}\";", checksum::sha256(&manifest)));
        let listed: serde_json::Value = serde_json::from_slice(&manifest)?;
        let files = listed["files"].as_object().context("files")?;
        for (name, entry) in files {
            assert_eq!(entry["sha256"], checksum::sha256(&fs::read(place.join(name))?), "{name}");
        }
        assert!(files.contains_key(&format!("{build}/weights/ssd.bpk")));
        assert!(place.join(HOST_HEADERS).is_file() && !files.contains_key(HOST_HEADERS), "hosts do not serve it");
        Ok(())
    }

    #[test]
    fn another_file_makes_another_folder() -> Result<()> {
        let folder = build()?;
        let (_, first) = arranged(&folder)?;
        let dist = folder.path().join("dist");
        fs::write(dist.join("boot.js"), "import('./page.js');")?;
        let error = arranged(&folder).expect_err("it is not what was built");
        assert!(error.to_string().contains("build again"), "{error}");
        list_again(&dist)?;
        assert_ne!(arranged(&folder)?.1, first);
        Ok(())
    }
}
