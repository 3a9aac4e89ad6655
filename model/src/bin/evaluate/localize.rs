//! Classification + localization against the largest thing of each photo.

use anyhow::{Result, bail};
use model::{
    catalog::{System, Task},
    measure::localize::{LocatedPhoto, RIGHT, Shares, by_class, measure, shares},
};

use crate::labelled::{OfTask, timed};

/// Measures and prints: on VOC's photos of 20 classes, and on those of five animals.
pub fn run(arguments: &OfTask) -> Result<()> {
    let bench = arguments.set_up(Task::Localize, System::IterativeLocalization)?;
    let arguments = &arguments.labelled;
    let voc = bench.data.voc(bench.part)?.map(|photos| LocatedPhoto::of_voc(&photos));
    let animals = bench.data.animals(bench.part)?.map(|photos| LocatedPhoto::of_animals(&photos));
    let sets = [("voc.json", voc), ("animals.json", animals)];
    if sets.iter().all(|(_, photos)| photos.is_none()) {
        sets.iter().for_each(|(file, _)| arguments.left_out(file));
        bail!("there is nothing to measure on");
    }
    println!("# shares of photos: the class is right, the box overlaps by {RIGHT} (intersection over union), both");
    println!("{:<13} {:>6} {:>6} {:>6} {:>6}", "", "class", "box", "both", "photos");
    for (file, photos) in sets {
        let Some(photos) = photos else {
            arguments.left_out(file);
            continue;
        };
        let outcomes = timed(photos.len(), |tick| measure(&photos, bench.subject(), tick))?;
        print(file, &shares(&outcomes, None));
        for (name, shares) in by_class(&outcomes) {
            print(name, &shares);
        }
    }
    Ok(())
}

fn print(name: &str, Shares { photos, class, bbox, both }: &Shares) {
    println!("{name:<13} {class:>6.4} {bbox:>6.4} {both:>6.4} {photos:>6}");
}
