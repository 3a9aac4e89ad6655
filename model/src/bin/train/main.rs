//! Trains our own heads.
//!
//! `cargo run --release -p model --features train --bin train -- HEAD --data DIR --out assets/weights/`

mod banks;
mod detection;
mod lessons;
mod location;
mod people;
mod rcnn;
mod unpooling;

use std::path::PathBuf;

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::{Parser, ValueEnum};
use model::{
    annotate::WeightFiles,
    coco::stem,
    data::folder::Part,
    eval::coco::{MEDIUM, SMALL},
    heads::{mask::MaskHead, ssd::Ssd},
    measure,
    nn::weights::Network,
    train::{
        bank::Bank,
        course::{Lesson, Plan, pack, train, write},
        detection_cache::Layout,
        labels::Folder,
    },
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
    /// The detector's weights [default: ssd.bpk, where `annotate` looks for it].
    #[arg(long)]
    detector: Option<PathBuf>,
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
    /// Weights to start from; for faster-rcnn also a folder with its two files.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Makes training repeatable.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Sets of photos to learn a class map from: animals, coco, captioned, voc (those with masks), voc-boxes (those without:
    /// their masks are made from their boxes and our own mask head, and kept in --cache), and crops (further views of animals,
    /// which have not helped yet).
    #[arg(long, value_delimiter = ',', default_values_t = banks::SETS[..4].iter().map(|&set| String::from(set)))]
    sets: Vec<String>,
    /// At most so many photos of each set whose masks are a teacher's.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    taught: usize,
    /// How much the overlap of the classes counts beside the cross entropy in a class map's loss.
    #[arg(long, default_value_t = 0.0)]
    overlap: f32,
    /// The share of the coarse maps' channels that each photo goes without while a class map is learnt.
    #[arg(long, default_value_t = 0.0)]
    dropout: f32,
    /// How much the box counts beside the class in classification + localization; chosen on the dev part.
    #[arg(long, default_value_t = 6.0)]
    box_weight: f32,
    /// Numbers of the vector that classification + localization shares.
    #[arg(long, default_value_t = 256)]
    vector: usize,
    /// Train classification + localization together with the end of the backbone, starting from the finished heads of --from,
    /// or from random ones.
    #[arg(long)]
    joint: bool,
    /// At most so many photos of each set that classification + localization learns from.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    most: usize,
    /// Instead of one mask head for use, train this many, each without its share of COCO's drawn things, and measure it on
    /// those at the end.
    #[arg(long)]
    folds: Option<u32>,
    #[command(flatten)]
    sources: detection::Sources,
    /// burn's backend.
    #[arg(long, value_enum, default_value_t = Backend::Flex)]
    backend: Backend,
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
    /// Instance masks; --from the class map's weights starts with its pyramid.
    Mask,
    /// Captions.
    Caption,
    /// Classification + localization.
    Localize,
    /// Heads for classification + localization that the page compares: weights of the box, one box or one for each class.
    LocalizeHeads,
    /// Only compute the backbone's maps at the input of the region systems.
    DetectionMaps,
    /// Only compute the teacher's boxes for the region systems.
    Teacher,
    /// Faster R-CNN: the region proposal network and the second stage.
    FasterRcnn,
    /// YOLO.
    Yolo,
    /// Pose by regression.
    PoseRegression,
    /// Mask R-CNN's keypoint branch.
    KeypointBranch,
    /// R-CNN: a linear classifier and a correction a class; --steps is the number of photos to learn from.
    Rcnn,
    /// Small networks of their own that the page compares: one for each unpooling.
    Unpooling,
}

impl Head {
    /// The name of its files.
    const fn name(self) -> &'static str {
        match self {
            Self::Maps => "maps",
            Self::Segment => "segment",
            Self::Mask => "mask",
            Self::Caption => "caption",
            Self::Localize => "localize",
            Self::LocalizeHeads => "localize-heads",
            Self::DetectionMaps => "detection-maps",
            Self::Teacher => "teacher",
            Self::FasterRcnn => "faster-rcnn",
            Self::Yolo => "yolo",
            Self::PoseRegression => "pose-regression",
            Self::KeypointBranch => "keypoint-branch",
            Self::Rcnn => "rcnn",
            Self::Unpooling => "unpooling",
        }
    }
}

/// The steps, learning rate and weight decay that a head was trained with, and how often it was measured.
struct Usual {
    steps: usize,
    rate: f64,
    decay: f32,
    every: usize,
}

/// Of classification + localization together with the end of the backbone.
const JOINT: Usual = Usual { steps: 5000, rate: 2e-4, decay: 5e-2, every: 500 };

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = arguments.folder();
    let open = |sets: &[&str]| banks::open(&arguments, sets);
    match arguments.head {
        Head::Maps => {
            banks::with_votes(&arguments)?;
            open(&["mini"])?;
        }
        Head::Segment => {
            let banks = banks::with_votes(&arguments)?;
            let lesson =
                lessons::segment(&folder, banks, arguments.batch.unwrap_or(8), (arguments.overlap, arguments.dropout))?;
            finish(&lesson, &arguments, &Usual { steps: 12_000, rate: 1e-3, decay: 1e-2, every: 1000 })?;
        }
        Head::Mask => {
            let banks = open(&["animals", "coco", "mini"])?;
            let scenes = lessons::mask_scenes(&folder, &banks, &detector(&arguments)?)?;
            let usual = Usual { steps: 4000, rate: 7e-4, decay: 1e-2, every: 500 };
            match arguments.folds {
                Some(folds) => cross_validate(&arguments, &usual, &folder, &scenes, banks, folds)?,
                None => {
                    let batch = arguments.batch.unwrap_or(8);
                    finish(&scenes.lesson(banks, batch, |photo| Part::Dev.has(photo)), &arguments, &usual)?;
                }
            }
        }
        Head::Caption => {
            let lesson = lessons::captions(&folder, &open(&["captioned"])?, arguments.batch.unwrap_or(24))?;
            finish(&lesson, &arguments, &Usual { steps: 4000, rate: 1e-3, decay: 3e-2, every: 285 })?;
        }
        Head::Localize if arguments.joint => {
            let lesson = location::lesson(&arguments, &folder)?;
            location::train_jointly(&arguments, &lesson, &JOINT)?;
        }
        Head::Localize => {
            let lesson = location::lesson(&arguments, &folder)?;
            finish(&lesson, &arguments, &Usual { steps: 5000, rate: 5e-4, decay: 5e-2, every: 500 })?;
        }
        Head::LocalizeHeads => {
            let lesson = location::lesson(&arguments, &folder)?;
            location::compare(&arguments, lesson, &Usual { steps: 1800, rate: 4e-4, decay: 5e-2, every: 600 })?;
        }
        Head::Yolo => {
            let lesson = detection::yolo(&arguments, &folder)?;
            finish(&lesson, &arguments, &Usual { steps: 8000, rate: 1e-3, decay: 3e-2, every: 500 })?;
        }
        Head::PoseRegression => {
            let lesson = people::pose(&arguments, &folder)?;
            finish(&lesson, &arguments, &Usual { steps: 6000, rate: 1e-3, decay: 5e-2, every: 500 })?;
        }
        Head::KeypointBranch => {
            let lesson = people::keypoints(&arguments, &folder)?;
            finish(&lesson, &arguments, &Usual { steps: 4500, rate: 1.5e-3, decay: 2e-2, every: 450 })?;
        }
        Head::Rcnn => rcnn::train(&arguments, &folder)?,
        Head::Unpooling => {
            unpooling::compare(&arguments, &folder, &Usual { steps: 1500, rate: 2e-3, decay: 1e-2, every: 300 })?;
        }
        Head::DetectionMaps => drop(detection::caches(&arguments, Layout::REGIONS)?),
        Head::Teacher => drop(detection::teacher_boxes(&arguments)?),
        Head::FasterRcnn => {
            let lesson = detection::faster_rcnn(&arguments, &folder)?;
            let usual = Usual { steps: 12_000, rate: 1e-3, decay: 2e-2, every: 965 };
            let mut plan = arguments.plan(&usual);
            if let Some(folder) = plan.from.as_deref().filter(|from| from.is_dir()) {
                plan.from = Some(detection::joined_checkpoint(folder, &plan.run)?);
            }
            let (head, best) = train(&lesson, &plan, &device(arguments.backend)?)?;
            println!("best {best:.4}");
            detection::write_files(&arguments, &head)?;
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

impl Arguments {
    /// The photos and labels, with the masks that are made of the latter.
    fn folder(&self) -> Folder {
        Folder::new(&self.data).with_made(&self.cache.join("masks"))
    }

    fn plan(&self, usual: &Usual) -> Plan {
        Plan {
            steps: self.steps.unwrap_or(usual.steps),
            rate: self.rate.unwrap_or(usual.rate),
            warm_up: 100,
            decay: usual.decay,
            every: self.every.unwrap_or(usual.every),
            seed: self.seed,
            from: self.from.clone(),
            run: self.run.clone().unwrap_or_else(|| PathBuf::from("target/train").join(self.head.name())),
        }
    }
}

/// Trains and writes the best head.
fn finish<L: Lesson>(lesson: &L, arguments: &Arguments, usual: &Usual) -> Result<()> {
    let (name, plan) = (arguments.head.name(), arguments.plan(usual));
    let (head, best) = train(lesson, &plan, &device(arguments.backend)?)?;
    std::fs::create_dir_all(&arguments.out)?;
    let path = arguments.out.join(format!("{name}.bpk"));
    let bytes = pack(lesson, &head)?;
    write(&path, &bytes)?;
    println!("{}: {} bytes, best {best:.4}", path.display(), bytes.len());
    Ok(())
}

/// Trains a mask head for each share of COCO's drawn things on the others, and measures all of them, each by the head that
/// has not seen it. The last step of each head counts: choosing the best would choose by what is measured.
fn cross_validate(
    arguments: &Arguments,
    usual: &Usual,
    folder: &Folder,
    scenes: &lessons::MaskScenes,
    mut banks: Vec<Bank>,
    folds: u32,
) -> Result<()> {
    let photos = folder.data().mini_instances(Part::All)?.context("there is no mini_instances.json")?;
    let photos = measure::mask::instances(&photos)?;
    let detector = detector(arguments)?;
    let flex = Device::flex();
    let mut fits = Vec::new();
    for fold in 0..folds {
        // Not the remainder by ten, which is what the dev part goes by.
        let held_out = |photo: &str| crc32fast::hash(stem(photo).as_bytes()) / 10 % folds == fold;
        let lesson = scenes.lesson(banks, arguments.batch.unwrap_or(8), held_out);
        let mut plan = arguments.plan(usual);
        (plan.run, plan.every) = (plan.run.join(format!("fold-{fold}")), plan.steps);
        let (head, _) = train(&lesson, &plan, &device(arguments.backend)?)?;
        let head = <MaskHead as Network>::load(pack(&lesson, &head)?, &flex)?;
        let networks = measure::mask::MaskNetworks { detector: &detector, head: &head, device: &flex };
        let kept: Vec<_> = photos.iter().filter(|it| held_out(&it.file.to_string_lossy())).cloned().collect();
        fits.extend(measure::mask::given_boxes(&kept, networks, false, &|| {})?);
        banks = lesson.banks;
    }
    let mean = |least: f64, most: f64| measure::mask::mean(fits.iter().filter(|fit| (least..most).contains(&fit.area)));
    for (name, least, most) in
        [("all", 0.0, f64::MAX), ("small", 0.0, SMALL), ("medium", SMALL, MEDIUM), ("large", MEDIUM, f64::MAX)]
    {
        let (mean, count) = mean(least, most).context("nothing was measured")?;
        println!("held out, true boxes, {name}: mean IoU {mean:.4} on {count}");
    }
    Ok(())
}

/// The detector on burn's own backend: libtorch takes longer for its depthwise convolutions.
fn detector(arguments: &Arguments) -> Result<Ssd> {
    let replaced = arguments.detector.iter().map(|path| ("ssd", path.clone())).collect();
    Ok(WeightFiles { replaced }.load("ssd", &Device::flex())?)
}
