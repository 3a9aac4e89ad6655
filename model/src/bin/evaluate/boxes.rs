//! Boxes: PASCAL VOC's mean average precision and COCO's average precision, whichever the folder has labels for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use model::{
    annotate::{Annotator, Options, WeightFiles, load_network, write_results},
    coco::{Dataset, DetectionResult},
    data::folder::{CocoPhotos, DataFolder, Part},
    eval::coco::box_summary,
    heads::{
        box_head::BoxHead,
        faster_rcnn::{FasterRcnn, RegionProposals},
        ssd::Ssd,
    },
    measure::boxes::{FasterRcnnFinder, ObjectFinder, coco, voc},
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
    /// Measure a network that is no system of the catalogue yet, instead of a system; --weights is then the folder with
    /// its files [default: assets/checkpoints].
    #[arg(long, value_enum, conflicts_with_all = ["system", "results"])]
    network: Option<Network>,
    #[command(flatten)]
    options: Options,
}

/// Networks that are still being trained.
#[derive(Clone, Copy, ValueEnum)]
enum Network {
    /// Faster R-CNN: rpn.bpk and faster-rcnn.bpk.
    FasterRcnn,
}

/// The folder with the weights of networks that are still being trained.
const CHECKPOINTS: &str = "assets/checkpoints";

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.results {
        let dataset: Dataset = read_json(&arguments.data.join("mini_instances.json"))?;
        let results: Vec<DetectionResult> = read_json(path)?;
        print!("{}", box_summary(&dataset, &results)?);
        return Ok(());
    }
    let Some(Network::FasterRcnn) = arguments.network else {
        return measure(arguments, &Annotator::load(&arguments.options)?);
    };
    let (options, device) = (&arguments.options, Device::flex());
    let ssd_file = options.detector.clone().unwrap_or_else(|| WeightFiles::default().path("ssd"));
    let ssd: Ssd = load_network(&ssd_file, &device)?;
    let folder = options.weights.as_deref().unwrap_or(Path::new(CHECKPOINTS));
    let proposals: RegionProposals = load_network(&folder.join("rpn.bpk"), &device)?;
    let boxes: BoxHead = load_network(&folder.join("faster-rcnn.bpk"), &device)?;
    let network = FasterRcnn::new(proposals, boxes);
    let suppression = options.suppression();
    let finder = FasterRcnnFinder { backbone: ssd.backbone(), network: &network, suppression, device: &device };
    measure(arguments, &finder)
}

/// Measures on all photos of the part that have labels.
fn measure(arguments: &Arguments, finder: &dyn ObjectFinder) -> Result<()> {
    let (data, part) = (DataFolder::open(&arguments.data), Part::from(arguments.part));
    let mut measured = false;
    if let Some(photos) = data.voc(part)?.filter(|photos| !photos.is_empty()) {
        println!("# PASCAL VOC: average precision at IoU 0.5, 11 points, objects that are not difficult");
        let summary = timed(photos.len(), |tick| voc(&photos, finder, tick))?;
        for class in &summary.classes {
            let name = coco_name(class.category).unwrap_or("?");
            println!("{name:<14} {:.4} {:>6}", class.average_precision, class.objects);
        }
        println!("{:<14} {}", "mAP", digits(summary.mean()));
        measured = true;
    }
    if let Some(photos) = data.mini_instances(part)?.filter(|photos| !photos.dataset.images.is_empty()) {
        measure_coco(arguments, finder, &photos)?;
        measured = true;
    }
    ensure!(measured, "{} has no labelled photos of this part", arguments.data.display());
    Ok(())
}

fn measure_coco(arguments: &Arguments, finder: &dyn ObjectFinder, photos: &CocoPhotos) -> Result<()> {
    println!("# COCO");
    let results = timed(photos.dataset.images.len(), |tick| coco(photos, finder, tick))?;
    if let Some(out) = &arguments.out {
        write_results(out, &results).with_context(|| out.display().to_string())?;
    }
    print!("{}", box_summary(&photos.dataset, &results)?);
    Ok(())
}
