//! Measures a system on labelled photos, or a file of results, by the measures of the field.
//!
//! `cargo run --release -p model --bin evaluate -- boxes --data DIR`
//! `cargo run --release -p model --bin evaluate -- pose|segment|mask|caption|localize --data DIR --part dev`

mod caption;
mod labelled;
mod localize;
mod mask;
mod pose;
mod segment;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use indicatif::ProgressIterator;
use model::{
    annotate::{Annotator, Options, write_results},
    coco::{Dataset, DetectionResult, stem},
    data::photo_list::PhotoList,
    eval::coco::box_summary,
};

/// Measures a system on labelled photos, or a file of results.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Box average precision on COCO photos.
    Boxes {
        /// A folder with `mini_instances.json` and `photos/mini`.
        #[arg(long)]
        data: PathBuf,
        /// Measure these COCO results instead of running a system.
        #[arg(long)]
        results: Option<PathBuf>,
        /// Keep the system's results in this file.
        #[arg(long, conflicts_with = "results")]
        out: Option<PathBuf>,
        #[command(flatten)]
        options: Options,
    },
    /// Keypoint average precision (object keypoint similarity), with given boxes and with a detector's.
    Pose(pose::Arguments),
    /// Mean intersection over union of class maps.
    Segment(labelled::Arguments),
    /// Intersection over union of masks in true boxes, and mask average precision.
    Mask(mask::Arguments),
    /// BLEU and CIDEr of captions.
    Caption(caption::Arguments),
    /// Classification + localization: classes and boxes that are right.
    Localize(labelled::Arguments),
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Boxes { data, results, out, options } => {
            let dataset: Dataset = read_json(&data.join("mini_instances.json"))?;
            let results = match results {
                Some(path) => read_json(&path)?,
                None => detect(&dataset, &data.join("photos/mini"), &options)?,
            };
            if let Some(out) = out {
                write_results(&out, &results).with_context(|| out.display().to_string())?;
            }
            print!("{}", box_summary(&dataset, &results)?);
        }
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

/// Runs the system on every photo of the data set. A photo that is missing would count as one without findings, so it
/// is an error.
fn detect(dataset: &Dataset, folder: &Path, options: &Options) -> Result<Vec<DetectionResult>> {
    let list = PhotoList::of(&[folder.to_owned()]);
    ensure!(list.unreadable.is_empty(), "{}", list.unreadable.join("; "));
    let annotator = Annotator::load(options)?;
    let mut results = Vec::new();
    for image in dataset.images.iter().progress() {
        let file = list.photos.iter().find(|(_, name)| stem(name) == stem(&image.file_name));
        let (path, name) = file.with_context(|| format!("{} has no {}", folder.display(), image.file_name))?;
        results.extend(annotator.objects(path, name).with_context(|| path.display().to_string())?);
    }
    Ok(results)
}
