//! Files as hosts send them, compressed once and remembered by checksum.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::{collections::HashSet, fs, io::Write, path::PathBuf};

use crate::{atomic, project::Project};

/// A content coding of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Encoding {
    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn encode(self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut encoded = Vec::new();
                let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
                brotli::BrotliCompress(&mut &*bytes, &mut encoded, &parameters)?;
                Ok(encoded)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(bytes)?;
                Ok(encoder.finish()?)
            }
        }
    }
}

/// The remembered compressed files.
pub struct Compressed {
    folder: PathBuf,
}

impl Compressed {
    /// The workspace's.
    pub fn of(project: &Project) -> Self {
        Self::in_folder(project.scratch().join("compressed"))
    }

    /// Remembers in this folder.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Compresses `bytes`, whose checksum is `sha256`, unless that was done before.
    ///
    /// # Errors
    /// When the result cannot be written.
    pub fn get(&self, sha256: &str, bytes: &[u8], encoding: Encoding) -> Result<Vec<u8>> {
        let path = self.folder.join(format!("{sha256}.{}", encoding.name()));
        if let Ok(encoded) = fs::read(&path) {
            return Ok(encoded);
        }
        let encoded = encoding.encode(bytes).with_context(|| format!("{} failed", encoding.name()))?;
        atomic::write(&path, &encoded)?;
        Ok(encoded)
    }

    /// Removes what belongs to other checksums than these.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget_others<'a>(&self, keep: impl Iterator<Item = &'a str>) -> Result<()> {
        let keep: HashSet<&str> = keep.collect();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| keep.contains(stem)) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_encodings_can_be_read_back() -> Result<()> {
        let text = "what is where ".repeat(500);
        let mut read = String::new();
        flate2::read::GzDecoder::new(&Encoding::Gzip.encode(text.as_bytes())?[..]).read_to_string(&mut read)?;
        assert_eq!(read, text);
        read.clear();
        brotli::Decompressor::new(&Encoding::Brotli.encode(text.as_bytes())?[..], 4096).read_to_string(&mut read)?;
        assert_eq!(read, text);
        Ok(())
    }

    #[test]
    fn results_are_remembered_until_forgotten() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let compressed = Compressed::in_folder(folder.path().join("compressed"));
        let first = compressed.get("a", b"bytes", Encoding::Gzip)?;
        assert_eq!(compressed.get("a", b"not looked at", Encoding::Gzip)?, first);
        compressed.get("b", b"more", Encoding::Gzip)?;
        compressed.forget_others(["b"].into_iter())?;
        assert_ne!(compressed.get("a", b"other", Encoding::Gzip)?, first);
        Ok(())
    }
}
