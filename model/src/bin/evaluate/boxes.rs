//! Boxes: PASCAL VOC's mean average precision and COCO's average precision, whichever the folder has labels for.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use model::{
    annotate::{Annotator, Options, write_results},
    coco::{Dataset, DetectionResult},
    data::folder::{CocoPhotos, DataFolder, Part},
    eval::coco::box_summary,
    measure::boxes::{coco, voc},
    structures::classes::coco_name,
};

use crate::{
    labelled::{Labels, digits, timed},
    read_json,
};

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    /// A folder with photos in `photos`, and `voc.json` or `mini_instances.json`.
    #[arg(long)]
    data: PathBuf,
    /// Which photos, by their names: those for measuring, the others, or all.
    #[arg(long, value_enum, default_value = "all")]
    part: Labels,
    /// Measure these COCO results on `mini_instances.json` instead of running a system.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Keep the system's results on COCO's photos in this file.
    #[arg(long, conflicts_with = "results")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.results {
        let dataset: Dataset = read_json(&arguments.data.join("mini_instances.json"))?;
        let results: Vec<DetectionResult> = read_json(path)?;
        print!("{}", box_summary(&dataset, &results)?);
        return Ok(());
    }
    arguments.options.check().map_err(anyhow::Error::msg)?;
    measure(arguments, &Annotator::load(&arguments.options)?)
}

/// Measures on all photos of the part that have labels.
fn measure(arguments: &Arguments, annotator: &Annotator) -> Result<()> {
    let (data, part) = (DataFolder::open(&arguments.data), Part::from(arguments.part));
    let mut measured = false;
    if let Some(photos) = data.voc(part)?.filter(|photos| !photos.is_empty()) {
        println!("# PASCAL VOC: average precision at IoU 0.5, 11 points, objects that are not difficult");
        let summary = timed(photos.len(), |tick| voc(&photos, annotator, tick))?;
        for class in &summary.classes {
            let name = coco_name(class.category).unwrap_or("?");
            println!("{name:<14} {:.4} {:>6}", class.average_precision, class.objects);
        }
        println!("{:<14} {}", "mAP", digits(summary.mean()));
        measured = true;
    }
    if let Some(photos) = data.mini_instances(part)?.filter(|photos| !photos.dataset.images.is_empty()) {
        measure_coco(arguments, annotator, &photos)?;
        measured = true;
    }
    ensure!(measured, "{} has no labelled photos of this part", arguments.data.display());
    Ok(())
}

fn measure_coco(arguments: &Arguments, annotator: &Annotator, photos: &CocoPhotos) -> Result<()> {
    println!("# COCO");
    let results = timed(photos.dataset.images.len(), |tick| coco(photos, annotator, tick))?;
    if let Some(out) = &arguments.out {
        write_results(out, &results).with_context(|| out.display().to_string())?;
    }
    print!("{}", box_summary(&photos.dataset, &results)?);
    Ok(())
}
