//! Class maps against the labelled ones of animals, and of photos of all of PASCAL VOC's classes.

use anyhow::{Result, bail};
use model::{
    catalog::{System, Task},
    eval::boundary::NEAR,
    measure::segment::{Agreement, QUOTED, measure},
    structures::class_map::CLASSES,
};

use crate::labelled::{OfTask, digits, timed};

/// Measures and prints.
pub fn run(arguments: &OfTask) -> Result<()> {
    let bench = arguments.set_up(Task::ClassMap, System::FcnMasks)?;
    let arguments = &arguments.labelled;
    let (mut all, mut measured) = (Agreement::default(), 0);
    for set in ["animals", "voc"] {
        let Some(photos) = bench.data.true_maps(set, bench.part)?.filter(|photos| !photos.is_empty()) else {
            arguments.left_out(&format!("masks/truth/{set}"));
            continue;
        };
        println!("# masks/truth/{set}");
        let found = timed(photos.len(), |tick| measure(&photos, bench.subject(), tick))?;
        print(&found);
        all.add_all(&found);
        measured += 1;
    }
    match measured {
        0 => bail!("there is nothing to measure on"),
        1 => {}
        _ => {
            println!("# both");
            print(&all);
        }
    }
    Ok(())
}

fn print(agreement: &Agreement) {
    let found = &agreement.confusion;
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
    println!("# the share of the boundary of things that is at most {NEAR} pixels from the true one");
    println!("{:<14} {:>6}", "boundary", digits(agreement.mean_near()));
}
