//! Skeletons against COCO's labels: with the labels' own boxes and with those of the detector.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use indicatif::ProgressIterator;
use model::{
    annotate::{AnnotateError, Annotator, NetworkError, Options, results, write_results},
    catalog::System,
    coco::DetectionResult,
    data::{
        folder::{DataError, Part},
        labelled_people::{AREA_OF_BOX, LISTED_IOU, LabelledPeople},
    },
    eval::coco::keypoint_summary,
    heads::{
        faster_rcnn::INPUT, input::squashed, keypoint_branch::KeypointBranch, movenet::MoveNet,
        pose_regression::PoseRegressionHead, ssd::Ssd,
    },
    photo::Photo,
    structures::{boxes::BBox, skeleton::Skeleton},
    systems::Settings,
};

use crate::read_json;

/// What to measure, and on which labels.
#[derive(Args)]
pub struct Arguments {
    /// A folder with `people.json` or `mini_person_keypoints.json` (or both) and `photos`.
    #[arg(long)]
    data: PathBuf,
    /// Which labels: a part of `people.json`, by the photos' names, followed by `mini_person_keypoints.json` if it is
    /// there; or that file alone [default: dev; mini with --results].
    #[arg(long, value_enum)]
    part: Option<Labels>,
    /// Whose boxes skeletons are looked for in.
    #[arg(long, value_enum, default_value = "both")]
    boxes: Boxes,
    /// Measure these COCO keypoint results instead of running the system.
    #[arg(long, conflicts_with_all = ["out", "boxes"])]
    results: Option<PathBuf>,
    /// Keep labels and results in this folder, in COCO's format.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Take the crops of squashed photos as they are (see --squashed, otherwise on for `people.json`).
    #[arg(long, conflicts_with = "squashed")]
    as_is: bool,
    /// Leave out eyes and ears, as pose-regression has none.
    #[arg(long)]
    without_face: bool,
    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Labels {
    /// Photos of `people.json` for measuring.
    Dev,
    /// The others of `people.json`.
    Train,
    /// All photos of `people.json`.
    All,
    /// The photos of `mini_person_keypoints.json`.
    Mini,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Boxes {
    /// The labels' own, one for each person with labelled joints.
    Given,
    /// The detector's.
    Detected,
    /// One after the other.
    Both,
}

/// A person whose joint is nearer to the truth than this share of the longer side of their box has it found.
const NEAR: f64 = 0.2;

/// What finds joints in given boxes.
enum Estimator {
    HeatMaps(Box<MoveNet>),
    Regression(Box<(Ssd, PoseRegressionHead)>),
    Branch(Box<(Ssd, KeypointBranch)>),
}

/// A system on the detector's people, and on given ones.
struct Subject {
    annotator: Annotator,
    estimator: Estimator,
    settings: Settings,
    squashed: bool,
    device: Device,
}

impl Subject {
    fn load(options: &Options) -> Result<Self, NetworkError> {
        let device = Device::flex();
        let files = options.weight_files();
        let ssd = || files.load("ssd", &device);
        let estimator = match options.system {
            System::PoseRegression => {
                Estimator::Regression(Box::new((ssd()?, files.load("pose-regression", &device)?)))
            }
            System::KeypointRcnn => Estimator::Branch(Box::new((ssd()?, files.load("keypoint-branch", &device)?))),
            _ => Estimator::HeatMaps(Box::new(files.load("movenet", &device)?)),
        };
        Ok(Self {
            annotator: Annotator::load(options)?,
            estimator,
            settings: options.settings(),
            squashed: options.squashed,
            device,
        })
    }

    /// Skeletons in given boxes.
    ///
    /// # Arguments
    /// * `people` - a box in photo pixels and its score for each person.
    fn given(&self, path: &Path, name: &str, people: &[(BBox, f32)]) -> Result<Vec<DetectionResult>, AnnotateError> {
        let photo = Photo::open(path)?;
        let network = match &self.estimator {
            Estimator::HeatMaps(network) => network,
            Estimator::Regression(networks) => {
                let (detector, head) = &**networks;
                let found = head.estimate(detector.backbone(), &photo, people, &self.device);
                return Ok(results(&pollster::block_on(found)?, name));
            }
            Estimator::Branch(networks) => {
                let (detector, branch) = &**networks;
                let maps = detector.backbone().forward(squashed(&photo, INPUT, &self.device));
                let found = branch.estimate(&maps, photo.size(), people);
                return Ok(results(&pollster::block_on(found)?, name));
            }
        };
        let is_squashed = self.squashed && photo.width() == photo.height();
        let aspects: &[f32] = if is_squashed { &self.settings.pixel_aspects } else { &[1.0] };
        let (looks, mut tries) = (self.settings.looks(), Vec::new());
        for &aspect in aspects {
            tries.push(pollster::block_on(network.estimate(&photo, people, (&looks, aspect), &self.device))?);
        }
        let score = |found: &[Skeleton]| found.iter().map(Skeleton::joint_score).sum::<f32>();
        // The first of equals: later aspects have to be better.
        let best = tries.into_iter().reduce(|best, other| if score(&other) > score(&best) { other } else { best });
        Ok(results(&best.unwrap_or_default(), name))
    }
}

/// Measures and prints. Lines that start with `#` say what the numbers below are of.
pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.results {
        return measure_file(arguments, path);
    }
    let system = match arguments.options.system {
        System::Ssd | System::MoveNet => System::MoveNet,
        system @ (System::PoseRegression | System::KeypointRcnn) => system,
        other => anyhow::bail!("{} finds no joints: movenet, pose-regression or keypoint-rcnn", other.key()),
    };
    let options = Options { system, ..arguments.options.clone() };
    let subject = |labels| {
        let squashed = labels != Labels::Mini && !arguments.as_is;
        Subject::load(&Options { squashed, ..options.clone() })
    };
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let labels = arguments.part.unwrap_or(Labels::Dev);
    let mut measured = 0;
    if labels != Labels::Mini {
        measured += usize::from(measure_system(arguments, labels, &subject(labels)?)?);
    }
    measured += usize::from(measure_system(arguments, Labels::Mini, &subject(Labels::Mini)?)?);
    ensure!(measured > 0, "there is nothing to measure on in {}", arguments.data.display());
    Ok(())
}

/// The labels, or `None` when their file is not there.
fn load(arguments: &Arguments, labels: Labels) -> Result<Option<LabelledPeople>> {
    let set = match labels {
        Labels::Dev => LabelledPeople::listed(&arguments.data, Part::Dev),
        Labels::Train => LabelledPeople::listed(&arguments.data, Part::Train),
        Labels::All => LabelledPeople::listed(&arguments.data, Part::All),
        Labels::Mini => LabelledPeople::mini(&arguments.data),
    };
    let set = match set {
        Err(DataError::Unreadable(path, error)) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("left out: there is no {}", path.display());
            return Ok(None);
        }
        // Labels whose photos are elsewhere do not keep the other labels from being measured.
        Err(error @ DataError::NoPhotos { .. }) => {
            eprintln!("left out: {error}");
            return Ok(None);
        }
        set => set?,
    };
    if let Some(first) = set.missing.first() {
        eprintln!("{} labelled photos are not there and are not measured, {first} first", set.missing.len());
    }
    Ok(Some(set))
}

/// Runs the system on the labelled photos and measures it; `false` when the labels are not there.
fn measure_system(arguments: &Arguments, labels: Labels, subject: &Subject) -> Result<bool> {
    let Some(mut set) = load(arguments, labels)? else { return Ok(false) };
    let has_face = !arguments.without_face && !matches!(subject.estimator, Estimator::Regression(_));
    if !has_face {
        set.forget_face();
        println!("# eyes and ears do not count");
    }
    let name = format!("{labels:?}").to_lowercase();
    let keep = |what: &str, results: &[DetectionResult]| -> Result<()> {
        let Some(folder) = &arguments.out else { return Ok(()) };
        let path = folder.join(format!("{name}-{what}.json"));
        write_results(&path, results).with_context(|| path.display().to_string())
    };
    if let Some(folder) = &arguments.out {
        let path = folder.join(format!("{name}-labels.json"));
        std::fs::write(&path, serde_json::to_vec(&set.dataset)?).with_context(|| path.display().to_string())?;
    }
    describe(&set, labels);
    if labels != Labels::Mini && !arguments.as_is {
        println!(
            "# square photos are taken as squashed: crops of 4:3, 1:1 and 3:4, by the surest joints of each photo"
        );
    }
    if arguments.boxes != Boxes::Detected {
        let results = estimate(&set, subject, true)?;
        keep("given", &results)?;
        println!("# {name}, given boxes");
        print!("{}", keypoint_summary(&set.dataset, &results)?);
        print_near(&set, &results);
    }
    if arguments.boxes != Boxes::Given {
        let results = estimate(&set, subject, false)?;
        keep("detected", &results)?;
        print_detected(&set, labels, &name, &results)?;
    }
    Ok(true)
}

/// The share of marked joints that are found within [`NEAR`] of the person's size.
///
/// # Arguments
/// * `results` - in the labels' own boxes.
fn print_near(set: &LabelledPeople, results: &[DetectionResult]) {
    let (mut near, mut marked) = (0usize, 0usize);
    for image in &set.dataset.images {
        let labels = set.dataset.annotations.iter().filter(|it| it.image_id == image.id);
        let labels = labels.filter(|it| it.iscrowd == 0 && it.num_keypoints > 0);
        let found = results.iter().filter(|it| it.image_id == Some(image.id));
        for (label, found) in labels.zip(found) {
            let size = label.bbox[2].max(label.bbox[3]);
            let points = found.keypoints.iter().flat_map(|points| points.chunks_exact(3));
            for (truth, point) in label.keypoints.chunks_exact(3).zip(points).filter(|(truth, _)| truth[2] > 0.0) {
                let distance = (f64::from(point[0]) - truth[0]).hypot(f64::from(point[1]) - truth[1]);
                marked += 1;
                near += usize::from(distance < NEAR * size);
            }
        }
    }
    println!("{:<14} {:.4} of {marked}", format!("near {NEAR}"), near as f64 / marked.max(1) as f64);
}

/// Measures results from a file.
fn measure_file(arguments: &Arguments, path: &std::path::Path) -> Result<()> {
    let labels = arguments.part.unwrap_or(Labels::Mini);
    let set = load(arguments, labels)?.context("there are no labels to measure on")?;
    let mut results: Vec<DetectionResult> = read_json(path)?;
    let all = results.len();
    if labels != Labels::Mini {
        results.retain(|result| set.has_photo_of(result));
    }
    if results.len() < all {
        eprintln!("{} results are for other photos than these and were left out", all - results.len());
    }
    print!("{}", keypoint_summary(&set.dataset, &results)?);
    Ok(())
}

fn describe(set: &LabelledPeople, labels: Labels) {
    let people = set.dataset.annotations.iter().filter(|label| label.num_keypoints > 0 && label.iscrowd == 0).count();
    println!("# {labels:?}: {} photos, {people} people with labelled joints", set.dataset.images.len());
    if labels != Labels::Mini {
        println!("# a person's area is taken as {AREA_OF_BOX} of their box; pixels are those of the files at hand");
    }
}

fn print_detected(set: &LabelledPeople, labels: Labels, name: &str, results: &[DetectionResult]) -> Result<()> {
    if labels == Labels::Mini {
        println!("# {name}, detected boxes");
        print!("{}", keypoint_summary(&set.dataset, results)?);
        return Ok(());
    }
    println!("# {name}, detected boxes, all of them (people whom the labels do not list count as mistakes)");
    print!("{}", keypoint_summary(&set.dataset, results)?);
    let near = set.near_listed(results);
    println!(
        "# {name}, detected boxes without {} of {} that overlap no listed person by {LISTED_IOU} (intersection over union)",
        results.len() - near.len(),
        results.len(),
    );
    print!("{}", keypoint_summary(&set.dataset, &near)?);
    Ok(())
}

/// Skeletons on every photo of the set, each with the photo's number in the labels.
fn estimate(set: &LabelledPeople, subject: &Subject, given: bool) -> Result<Vec<DetectionResult>> {
    let mut results = Vec::new();
    let mut unreadable = HashSet::new();
    for image in set.dataset.images.iter().progress() {
        let path = &set.files[&image.id];
        let found = if given {
            let people: Vec<(BBox, f32)> = set.boxes(image.id).into_iter().map(|bbox| (bbox, 1.0)).collect();
            subject.given(path, &image.file_name, &people)
        } else {
            subject.annotator.objects(path, &image.file_name)
        };
        match found {
            Ok(found) => {
                results.extend(found.into_iter().map(|result| DetectionResult { image_id: Some(image.id), ..result }))
            }
            // Its people count as not found: a photo that cannot be decoded is the system's failure.
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                unreadable.insert(image.id);
            }
        }
    }
    ensure!(unreadable.len() < set.dataset.images.len(), "no photo could be read");
    Ok(results)
}
