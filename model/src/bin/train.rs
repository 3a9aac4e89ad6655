//! Trains our own heads.
//!
//! `cargo run --release -p model --features train --bin train -- HEAD --data DIR --out assets/weights/`

use std::path::PathBuf;

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::{Parser, ValueEnum};
use model::{
    systems::ssd::Ssd,
    train::{
        bank::{Bank, Place},
        course::{Lesson, Plan, pack, train, write},
        labels::{Folder, is_dev},
        segment::Segment,
        view::{Random, View},
    },
    weights::Pack,
};

/// Trains a head on the detector's frozen backbone. The backbone's maps are computed once and kept in --cache; a run that
/// was cut goes on where its last checkpoint was.
#[derive(Parser)]
struct Arguments {
    /// What to train.
    head: Head,
    /// The folder with photos and labels.
    #[arg(long)]
    data: PathBuf,
    /// Where the finished weights go.
    #[arg(long, default_value = "assets/weights")]
    out: PathBuf,
    /// Where the backbone's maps are kept: about 1.1 MB a view, 36 GB in all.
    #[arg(long, default_value = "target/train/cache")]
    cache: PathBuf,
    /// The folder for checkpoints and the log [default: target/train/HEAD].
    #[arg(long)]
    run: Option<PathBuf>,
    /// The detector's weights.
    #[arg(long, default_value = "assets/cache/ssd.bpk")]
    detector: PathBuf,
    /// Steps in all.
    #[arg(long)]
    steps: Option<usize>,
    /// Views, photos or sentences a step.
    #[arg(long)]
    batch: Option<usize>,
    /// The highest learning rate.
    #[arg(long)]
    rate: Option<f64>,
    /// Steps between two measurements.
    #[arg(long)]
    every: Option<usize>,
    /// Weights to start from.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Makes training repeatable.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// burn's backend.
    #[arg(long, value_enum, default_value_t = Backend::Flex)]
    backend: Backend,
    /// Photos whose maps are computed side by side.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Backend {
    /// burn's own CPU backend.
    Flex,
    /// libtorch (with the feature `train-tch`): 2.4 times as fast on the segmentation head.
    Tch,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Head {
    /// Only compute the backbone's maps.
    Maps,
    /// Class map.
    Segment,
}

/// The sets of photos, each with its bank.
const SETS: [&str; 3] = ["animals", "coco", "captioned"];
/// Views of an animal photo: the whole, its mirror image, crops.
const ANIMAL_VIEWS: usize = 5;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.head {
        Head::Maps => drop(banks(&arguments, &SETS)?),
        Head::Segment => {
            let folder = Folder::new(&arguments.data);
            let banks = banks(&arguments, &SETS)?;
            let lesson = segment(&folder, banks, arguments.batch.unwrap_or(8));
            finish(&lesson, &arguments, "segment", (6000, 1e-3, 1000))?;
        }
    }
    Ok(())
}

fn device(backend: Backend) -> Result<Device> {
    match backend {
        Backend::Flex => Ok(Device::flex()),
        #[cfg(feature = "train-tch")]
        #[expect(deprecated, reason = "burn drops it later; it is the fastest on a CPU today")]
        Backend::Tch => Ok(Device::libtorch()),
        #[cfg(not(feature = "train-tch"))]
        Backend::Tch => anyhow::bail!("this build has no libtorch: build with --features train-tch"),
    }
}

/// Trains and writes the best head.
fn finish<L: Lesson>(
    lesson: &L,
    arguments: &Arguments,
    name: &str,
    (steps, rate, every): (usize, f64, usize),
) -> Result<()> {
    let plan = Plan {
        steps: arguments.steps.unwrap_or(steps),
        rate: arguments.rate.unwrap_or(rate),
        warm_up: 100,
        decay: 1e-2,
        every: arguments.every.unwrap_or(every),
        seed: arguments.seed,
        from: arguments.from.clone(),
        run: arguments.run.clone().unwrap_or_else(|| PathBuf::from("target/train").join(name)),
    };
    let (head, best) = train(lesson, &plan, &device(arguments.backend)?)?;
    std::fs::create_dir_all(&arguments.out)?;
    let path = arguments.out.join(format!("{name}.bpk"));
    let bytes = pack(lesson, &head, Pack::default())?;
    write(&path, &bytes)?;
    println!("{}: {} bytes, best {best:.4}", path.display(), bytes.len());
    Ok(())
}

/// The banks of some sets.
fn banks(arguments: &Arguments, sets: &[&str]) -> Result<Vec<Bank>> {
    let folder = Folder::new(&arguments.data);
    let bytes = std::fs::read(&arguments.detector)
        .with_context(|| format!("{}: run `cargo xtask weights` first", arguments.detector.display()))?;
    let ssd = Ssd::load(bytes, &Device::flex())?;
    let mut banks = Vec::new();
    for &set in sets {
        let mut random = Random::new(2);
        let mut views = Vec::new();
        for photo in folder.photos(set)? {
            views.push(View::whole(&photo));
            if set == "animals" && !is_dev(&photo) {
                views.push(View { mirror: true, ..View::whole(&photo) });
                views.extend((2..ANIMAL_VIEWS).map(|_| View::random(&photo, 0.5, &mut random)));
            }
        }
        println!("{set}: {} views", views.len());
        let path = arguments.cache.join(format!("{set}.bank"));
        banks.push(Bank::open(&path, views, &folder, &ssd, arguments.threads)?);
    }
    Ok(banks)
}

/// People's masks weigh more than the teacher's.
fn segment(folder: &Folder, banks: Vec<Bank>, batch: usize) -> Segment {
    let (mut truth, mut teacher, mut dev) = (vec![], vec![], vec![]);
    for (bank, views) in banks.iter().map(|bank| &bank.views).enumerate() {
        for (view, View { photo, .. }) in views.iter().enumerate() {
            let place = Place { bank, view };
            match (is_dev(photo), folder.has_truth(photo)) {
                (true, true) => dev.push(place),
                (true, false) => {}
                (false, true) => truth.push(place),
                (false, false) => teacher.push(place),
            }
        }
    }
    println!(
        "{} views with truth, {} with the teacher's masks, {} to measure on",
        truth.len(),
        teacher.len(),
        dev.len()
    );
    Segment { banks, groups: vec![(0.6, truth), (0.4, teacher)], dev, batch }
}
