//! Masks: with true boxes on animals and on COCO's polygons, and mask average precision with the detector's boxes.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use model::{
    annotate::write_results,
    catalog::System,
    coco::{Dataset, DetectionResult},
    data::folder::CocoPhotos,
    eval::coco::{MEDIUM, SMALL, mask_summary},
    heads::{
        mask::MaskHead,
        ssd::{MIN_SCORE, Ssd},
    },
    measure::mask::{Fit, MaskNetworks, MaskedPhoto, animals, detected, given_boxes, instances, mean},
    structures::{boxes::Suppression, classes::coco_name},
    systems::Settings,
};

use crate::{
    labelled::{self, Bench, timed},
    read_json,
};

/// The looks that are measured: at the photo alone, and closer.
const LOOKS: [(bool, &str); 2] = [(false, "first look"), (true, "closer look")];

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    labelled: labelled::Arguments,
    /// Measure the mask average precision of these COCO results on `mini_instances.json` instead of running the system.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Keep the masks in the boxes of the closer look in this file, as COCO results.
    #[arg(long, conflicts_with = "results")]
    out: Option<PathBuf>,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.results {
        let dataset: Dataset = read_json(&arguments.labelled.data.join("mini_instances.json"))?;
        let results: Vec<DetectionResult> = read_json(path)?;
        print!("{}", mask_summary(&dataset, &results)?);
        return Ok(());
    }
    let bench = arguments.labelled.set_up(System::Masks)?;
    let on_animals = measure_animals(arguments, &bench)?;
    let on_mini = match bench.data.mini_instances(bench.part)? {
        Some(photos) if photos.dataset.images.is_empty() => {
            eprintln!("left out: no photo of mini is in this part");
            false
        }
        Some(photos) => {
            measure_mini(arguments, &bench, &photos)?;
            true
        }
        None => {
            arguments.labelled.left_out("mini_instances.json");
            false
        }
    };
    ensure!(on_animals || on_mini, "there is nothing to measure on");
    Ok(())
}

/// With true boxes, against box AND class map; `false` when the labels are not there.
fn measure_animals(arguments: &Arguments, bench: &Bench) -> Result<bool> {
    let (maps, boxes) = (bench.data.true_maps("animals", bench.part)?, bench.data.animals(bench.part)?);
    let (Some(maps), Some(boxes)) = (&maps, &boxes) else {
        for (there, what) in [(maps.is_some(), "masks/truth/animals"), (boxes.is_some(), "animals.json")] {
            if !there {
                arguments.labelled.left_out(what);
            }
        }
        return Ok(false);
    };
    let photos = animals(maps, boxes)?;
    for (closer, look) in LOOKS {
        println!(
            "# animals, true boxes, {look}: intersection over union, number (truth: the class map in boxes that meet no other)"
        );
        let fits = given(bench, &photos, closer)?;
        print_mean("all", &fits, |_| true);
        let mut classes: Vec<u16> = fits.iter().map(|fit| fit.class).collect();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            print_mean(coco_name(class).unwrap_or("?"), &fits, |fit| fit.class == class);
        }
    }
    Ok(true)
}

/// With true boxes, against COCO's polygons, then with the detector's boxes.
fn measure_mini(arguments: &Arguments, bench: &Bench, photos: &CocoPhotos) -> Result<()> {
    let masked = instances(photos)?;
    for (closer, look) in LOOKS {
        println!("# mini, true boxes, {look}: intersection over union, number");
        let fits = given(bench, &masked, closer)?;
        print_mean("all", &fits, |_| true);
        print_mean("small", &fits, |fit| fit.area < SMALL);
        print_mean("medium", &fits, |fit| (SMALL..=MEDIUM).contains(&fit.area));
        print_mean("large", &fits, |fit| fit.area > MEDIUM);
    }
    for (closer, look) in LOOKS {
        println!("# mini, the detector's boxes, {look}: mask average precision");
        let masks = Suppression { min_score: MIN_SCORE, ..Suppression::default() };
        let settings = Settings { masks, closer, ..Settings::default() };
        let count = photos.dataset.images.len();
        let results = timed(count, |tick| detected(photos, bench.subject(), &settings, tick))?;
        if let (true, Some(out)) = (closer, &arguments.out) {
            write_results(out, &results).with_context(|| out.display().to_string())?;
        }
        print!("{}", mask_summary(&photos.dataset, &results)?);
    }
    Ok(())
}

/// Masks in true boxes.
fn given(bench: &Bench, photos: &[MaskedPhoto], closer: bool) -> Result<Vec<Fit>> {
    let (detector, head) = (bench.network::<Ssd>("ssd")?, bench.network::<MaskHead>("mask")?);
    let networks = MaskNetworks { detector: &detector, head: &head, device: bench.device() };
    timed(photos.len(), |tick| given_boxes(photos, networks, closer, tick))
}

/// The mean and the number of some of the fits, unless there are none.
fn print_mean(name: &str, fits: &[Fit], chosen: impl Fn(&&Fit) -> bool) {
    if let Some((mean, count)) = mean(fits.iter().filter(chosen)) {
        println!("{name:<14} {mean:.4} {count:>5}");
    }
}
