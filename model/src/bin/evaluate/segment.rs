//! Class maps against the labelled ones of animals.

use anyhow::{Result, bail};
use model::{
    catalog::System,
    measure::segment::{QUOTED, measure},
    structures::class_map::CLASSES,
};

use crate::labelled::{Arguments, digits, timed};

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let bench = arguments.set_up(System::Fcn)?;
    let Some(photos) = bench.data.true_maps(bench.part)? else {
        arguments.left_out("masks/truth/animals");
        bail!("there is nothing to measure on");
    };
    let found = timed(photos.len(), |tick| measure(&photos, bench.subject(), tick))?;
    println!("# intersection over union of each class over all pixels");
    for (class, name) in CLASSES.iter().enumerate() {
        let quoted = if QUOTED.contains(&class) { "*" } else { "" };
        println!("{name:<14} {:>6} {quoted}", digits(found.iou(class)));
    }
    println!("# their mean");
    println!("{:<14} {:>6}", "* classes", digits(found.mean_iou(QUOTED)));
    println!("{:<14} {:>6}", "all classes", digits(found.mean_iou(0..CLASSES.len())));
    println!("# the share of pixels that are right");
    println!("{:<14} {:>6}", "pixels", digits(found.pixel_accuracy()));
    Ok(())
}
