//! Measures a system on labelled photos, or a file of results, by the measures of the field.
//!
//! `cargo run --release -p model --bin evaluate -- boxes --system KEY --data DIR`
//! `cargo run --release -p model --bin evaluate -- proposals --system rpn --data DIR`
//! `cargo run --release -p model --bin evaluate -- pose|segment|mask|caption|localize --data DIR --part dev`

mod boxes;
mod caption;
mod labelled;
mod localize;
mod mask;
mod pose;
mod proposals;
mod segment;

use std::path::Path;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Measures a system on labelled photos, or a file of results.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Box average precision on PASCAL VOC's and COCO's photos.
    Boxes(Box<boxes::Arguments>),
    /// Recall of proposals.
    Proposals(proposals::Arguments),
    /// Keypoint average precision (object keypoint similarity), with given boxes and with a detector's.
    Pose(pose::Arguments),
    /// Mean intersection over union of class maps.
    Segment(labelled::OfTask),
    /// Intersection over union of masks in true boxes, and mask average precision.
    Mask(mask::Arguments),
    /// BLEU and CIDEr of captions, and CHAIR: objects that they name and photos do not hold.
    Caption(caption::Arguments),
    /// Classification + localization: classes and boxes that are right.
    Localize(labelled::OfTask),
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Boxes(arguments) => boxes::run(&arguments)?,
        Task::Proposals(arguments) => proposals::run(&arguments)?,
        Task::Pose(arguments) => pose::run(&arguments)?,
        Task::Segment(arguments) => segment::run(&arguments)?,
        Task::Mask(arguments) => mask::run(&arguments)?,
        Task::Caption(arguments) => caption::run(&arguments)?,
        Task::Localize(arguments) => localize::run(&arguments)?,
    }
    Ok(())
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}
