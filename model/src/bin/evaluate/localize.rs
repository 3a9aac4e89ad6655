//! Classification + localization against the largest animal of each photo.

use anyhow::{Result, bail};
use model::{
    catalog::System,
    measure::localize::{RIGHT, Shares, by_class, measure, shares},
};

use crate::labelled::{Arguments, timed};

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let bench = arguments.set_up(System::Localize)?;
    let Some(photos) = bench.data.animals(bench.part)? else {
        arguments.left_out("animals.json");
        bail!("there is nothing to measure on");
    };
    let outcomes = timed(photos.len(), |tick| measure(&photos, bench.subject(), tick))?;
    println!("# shares of photos: the class is right, the box overlaps by {RIGHT} (intersection over union), both");
    println!("{:<8} {:>6} {:>6} {:>6} {:>6}", "", "class", "box", "both", "photos");
    print("all", &shares(&outcomes, None));
    for (name, shares) in by_class(&outcomes) {
        print(name, &shares);
    }
    Ok(())
}

fn print(name: &str, Shares { photos, class, bbox, both }: &Shares) {
    println!("{name:<8} {class:>6.4} {bbox:>6.4} {both:>6.4} {photos:>6}");
}
