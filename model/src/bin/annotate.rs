//! Writes what is in photos as COCO results.
//!
//! `cargo run --release -p model --bin annotate -- --system ssd PHOTOS... --out findings.json`
//!
//! Exit codes: 0 when every photo was annotated, 1 when some were skipped (the others are in the file), 2 when nothing
//! could be done.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use model::{
    annotate::{Annotator, Options, write_results},
    data::photo_list::PhotoList,
};

const ALL: u8 = 0;
const SOME: u8 = 1;
const NONE: u8 = 2;

/// Writes what is in photos as COCO results.
///
/// Systems of boxes, skeletons (movenet) and masks: an element for each object. Class maps (fcn): one for each class in a
/// photo, with its pixels (run lengths), its share of the photo and the mean probability. captions: one for each photo,
/// with each word's probability and alternatives, and a sentence about each prominent region. localize: one for each photo,
/// with the probability of each class. Names and boxes are in all of them; boxes are left, top, width, height in photo pixels.
#[derive(Parser)]
#[command(after_help = "Exit codes: 0 all photos annotated, 1 some skipped, 2 nothing done.")]
struct Arguments {
    /// Photos (JPEG, PNG, WebP, GIF, BMP, TIFF) and folders of them.
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// The JSON file to write.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(NONE)
        }
    }
}

fn run(arguments: &Arguments) -> Result<u8> {
    let folder = arguments.out.parent().filter(|folder| !folder.as_os_str().is_empty());
    ensure!(folder.is_none_or(|folder| folder.is_dir()), "there is no folder for {}", arguments.out.display());
    let list = PhotoList::of(&arguments.photos);
    for reason in &list.unreadable {
        eprintln!("skipped: {reason}");
    }
    if list.others > 0 {
        eprintln!("{} files in the folders are not named like photos and were left out", list.others);
    }
    ensure!(!list.photos.is_empty(), "no photos there");
    arguments.options.check().map_err(anyhow::Error::msg)?;
    let annotator = Annotator::load(&arguments.options)?;

    let start = Instant::now();
    let bar = ProgressBar::new(list.photos.len() as u64).with_style(style()?);
    let (mut results, mut skipped) = (Vec::new(), 0);
    for (path, name) in &list.photos {
        bar.set_message(name.clone());
        match annotator.annotate(path, name) {
            Ok(found) => results.extend(found),
            Err(error) => {
                skipped += 1;
                bar.suspend(|| eprintln!("skipped: {}: {error}", path.display()));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();

    let annotated = list.photos.len() - skipped;
    ensure!(annotated > 0, "none of the {skipped} photos could be annotated");
    write_results(&arguments.out, &results).with_context(|| arguments.out.display().to_string())?;
    eprintln!(
        "{annotated} photos annotated, {skipped} skipped, {} findings in {}, {:.0} ms a photo",
        results.len(),
        arguments.out.display(),
        start.elapsed().as_secs_f64() * 1e3 / list.photos.len() as f64,
    );
    Ok(if skipped == 0 && list.unreadable.is_empty() { ALL } else { SOME })
}

fn style() -> Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{bar:32} {pos}/{len} {eta:>4} {wide_msg}")?)
}
