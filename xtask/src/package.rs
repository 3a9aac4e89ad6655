//! `cargo xtask package`: a build in one archive, as a host gets it.

mod licences;

use anyhow::{Context, Result};
use clap::Args;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use serde::{Deserialize, de::IgnoredAny};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    build, checksum,
    compress::{Compressed, Encoding},
    process::say,
    project::Project,
    serve,
};

/// Kinds of files that hosts compress; photos, fonts and half-precision weights are as small as they get.
const COMPRESSED: [&str; 9] = ["html", "css", "js", "json", "wasm", "svg", "txt", "md", "ipynb"];
/// A compressed file lies beside the other one if it is smaller by a tenth.
const WORTHWHILE: f64 = 0.9;

/// What to put into the archive.
#[derive(Args)]
pub struct Options {
    /// Take the `dist/` that is there.
    #[arg(long)]
    no_build: bool,
    /// The archive to write [default: lookout-VERSION.zip in cargo's target folder].
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Manifest {
    files: BTreeMap<String, IgnoredAny>,
}

/// Builds and writes the archive.
///
/// # Errors
/// When the build fails, or a file cannot be read or written.
pub fn package(project: &Project, options: &Options) -> Result<()> {
    if !options.no_build {
        build::build(project, &build::Options::default())?;
    }
    serve::dist(project)?;
    let site = build::for_hosts(project)?;
    let version = env!("CARGO_PKG_VERSION");
    let place = options.out.clone().unwrap_or_else(|| project.target().join(format!("lookout-{version}.zip")));
    let mut files = files_of(&site, &Compressed::of(project))?;
    files.insert("LICENCES-CRATES.txt".into(), licences::of_crates(project)?.into_bytes());
    let manifest = fs::read(site.join(build::MANIFEST))?;
    files.insert("VERSION".into(), format!("{version}\nbuild {}\n", checksum::sha256(&manifest)).into_bytes());
    files.insert("SHA256SUMS".into(), checksums(&files).into_bytes());
    let bytes = zip(&format!("lookout-{version}"), &files)?;
    crate::atomic::write(&place, &bytes)?;
    let megabytes = bytes.len() as f64 / 1e6;
    say("Packed", format_args!("{} files in {} ({megabytes:.1} MB)", files.len(), place.display()));
    Ok(())
}

/// The files for hosts by their paths, each with its compressed forms beside it.
fn files_of(site: &Path, compressed: &Compressed) -> Result<BTreeMap<String, Vec<u8>>> {
    let manifest: Manifest = serde_json::from_slice(&fs::read(site.join(build::MANIFEST))?)?;
    let mut files = BTreeMap::new();
    // The manifest lists neither itself nor the service worker, which carries its checksum, nor what hosts keep to themselves.
    let others = [build::MANIFEST, build::SERVICE_WORKER, build::HOST_HEADERS].map(str::to_owned);
    for name in manifest.files.into_keys().chain(others) {
        let bytes = fs::read(site.join(&name)).with_context(|| format!("cannot read {name}"))?;
        if is_compressed(&name) {
            let sha256 = checksum::sha256(&bytes);
            for (encoding, ending) in [(Encoding::Brotli, "br"), (Encoding::Gzip, "gz")] {
                let smaller = compressed.get(&sha256, &bytes, encoding)?;
                if (smaller.len() as f64) < WORTHWHILE * bytes.len() as f64 {
                    files.insert(format!("{name}.{ending}"), smaller);
                }
            }
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

fn is_compressed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| COMPRESSED.contains(&ending))
}

/// The checksums of all files, as `sha256sum --check` reads them.
fn checksums(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.iter().fold(String::new(), |mut text, (name, bytes)| {
        writeln!(text, "{}  {name}", checksum::sha256(bytes)).expect("writing to a string cannot fail");
        text
    })
}

/// An archive of one folder with these files.
fn zip(folder: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    for (name, bytes) in files {
        let path = format!("{folder}/{name}");
        let outcome =
            if is_compressed(name) { deflated(&mut zip, &path, bytes) } else { stored(&mut zip, &path, bytes) };
        outcome.with_context(|| format!("cannot pack {name}"))?;
    }
    Ok(zip.finish()?)
}

fn stored<W: Write>(zip: &mut ZipArchiveWriter<W>, path: &str, bytes: &[u8]) -> Result<()> {
    let (mut entry, config) = zip.new_file(path).start()?;
    let mut data = config.wrap(&mut entry);
    data.write_all(bytes)?;
    let (_, descriptor) = data.finish()?;
    entry.finish(descriptor)?;
    Ok(())
}

fn deflated<W: Write>(zip: &mut ZipArchiveWriter<W>, path: &str, bytes: &[u8]) -> Result<()> {
    let (mut entry, config) = zip.new_file(path).compression_method(CompressionMethod::DEFLATE).start()?;
    let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best());
    let mut data = config.wrap(encoder);
    io::copy(&mut &*bytes, &mut data)?;
    let (encoder, descriptor) = data.finish()?;
    encoder.finish()?;
    entry.finish(descriptor)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn fill(folder: &Path, script: &str) -> Result<()> {
        fs::write(folder.join("a.js"), script)?;
        fs::write(folder.join("b.jpg"), script)?;
        for name in [build::SERVICE_WORKER, build::HOST_HEADERS] {
            fs::write(folder.join(name), "s")?;
        }
        fs::write(folder.join(build::MANIFEST), r#"{"files": {"a.js": {}, "b.jpg": {}}}"#)?;
        Ok(())
    }

    #[test]
    fn compressed_files_lie_beside_those_that_get_smaller() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let compressed = Compressed::in_folder(folder.path().join("compressed"));
        fill(folder.path(), &"let x;\n".repeat(99))?;
        let files = files_of(folder.path(), &compressed)?;
        let names: Vec<_> = files.keys().map(String::as_str).filter(|it| !it.starts_with("manifest")).collect();
        assert_eq!(names, ["_headers", "a.js", "a.js.br", "a.js.gz", "b.jpg", "sw.js"]);
        Ok(())
    }

    #[test]
    fn the_archive_holds_every_file_as_it_was() -> Result<()> {
        let files = BTreeMap::from([("a.js".to_owned(), b"let x;".repeat(50)), ("c.jpg".to_owned(), vec![1, 2, 3])]);
        let bytes = zip("lookout-1", &files)?;
        let archive = rawzip::ZipArchive::from_slice(&bytes[..])?;
        let mut found = BTreeMap::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry()? {
            let name = String::from_utf8(entry.file_path().as_ref().to_vec())?;
            let data = archive.get_entry(entry.wayfinder())?.data().to_vec();
            let mut whole = Vec::new();
            if entry.compression_method() == CompressionMethod::DEFLATE {
                flate2::read::DeflateDecoder::new(&data[..]).read_to_end(&mut whole)?;
            } else {
                whole = data;
            }
            found.insert(name.trim_start_matches("lookout-1/").to_owned(), whole);
        }
        assert_eq!(found, files);
        assert!(checksums(&files).lines().all(|it| it.split_once("  ").is_some_and(|it| it.0.len() == 64)));
        Ok(())
    }
}
