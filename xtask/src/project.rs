//! Where things are.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process;

/// The workspace that this command runs in.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

impl Project {
    /// Finds the workspace and cargo's target folder (which `CARGO_TARGET_DIR` or a configuration file may move).
    ///
    /// # Errors
    /// When `cargo metadata` fails.
    pub fn locate() -> Result<Self> {
        // Cargo sets the variable when it runs this program; the value of compile time serves a direct call.
        let package =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = package.parent().context("the package xtask has no parent folder")?.to_owned();
        let mut cargo = cargo();
        cargo.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(&root);
        let metadata: Metadata = serde_json::from_slice(&process::output(&mut cargo)?)?;
        Ok(Self { root, target: metadata.target_directory })
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder of files that this program makes and can make again.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// What `cargo xtask build` makes.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Converted weights and the packages they came from.
    pub fn weight_cache(&self) -> PathBuf {
        self.root.join("assets/cache")
    }

    /// A `cargo` command in the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
