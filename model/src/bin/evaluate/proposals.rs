//! Proposals: recall and overlap at several numbers of them, whatever the class.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use model::{
    annotate::WeightFiles,
    data::folder::{DataFolder, Part},
    heads::{faster_rcnn::RegionProposals, ssd::Ssd},
    measure::proposals::{Objects, Proposer, RegionProposer, measure, of_coco, of_voc},
    proposals::{rpn::ProposalRule, selective_search},
};

use crate::labelled::{Labels, digits, timed};

/// Numbers of proposals at which recall is measured.
const NUMBERS: [usize; 4] = [100, 300, 1000, 2000];

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    /// A folder with photos in `photos`, and `voc.json` or `mini_instances.json`.
    #[arg(long)]
    data: PathBuf,
    /// Which photos, by their names: those for measuring, the others, or all.
    #[arg(long, value_enum, default_value = "dev")]
    part: Labels,
    /// What makes the proposals.
    #[arg(long, value_enum)]
    system: ProposalSystem,
    /// The weights of the region proposal network [default: rpn.bpk, where `annotate` looks for it].
    #[arg(long)]
    weights: Option<PathBuf>,
    /// The weights of the detector with the backbone [default: ssd.bpk, likewise].
    #[arg(long)]
    detector: Option<PathBuf>,
    /// Of two proposals that overlap by more than this (intersection over union), keep the likelier.
    #[arg(long, default_value_t = ProposalRule::default().iou)]
    iou: f32,
}

/// What makes proposals.
#[derive(Clone, Copy, ValueEnum)]
enum ProposalSystem {
    /// The region proposal network.
    Rpn,
    /// Selective Search, "fast".
    SelectiveSearch,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    match arguments.system {
        ProposalSystem::SelectiveSearch => print(arguments, &selective_search::Rule::fast()),
        ProposalSystem::Rpn => {
            let device = Device::flex();
            let given = [("rpn", arguments.weights.clone()), ("ssd", arguments.detector.clone())];
            let replaced = given.into_iter().filter_map(|(name, path)| Some((name, path?))).collect();
            let files = WeightFiles { replaced };
            let detector: Ssd = files.load("ssd", &device)?;
            let network: RegionProposals = files.load("rpn", &device)?;
            let most = NUMBERS[NUMBERS.len() - 1];
            let rule = ProposalRule { before_suppression: 3 * most, after_suppression: most, iou: arguments.iou };
            print(
                arguments,
                &RegionProposer { backbone: detector.backbone(), network: &network, rule, device: &device },
            )
        }
    }
}

fn print(arguments: &Arguments, proposer: &dyn Proposer) -> Result<()> {
    let (data, part) = (DataFolder::open(&arguments.data), Part::from(arguments.part));
    let mut sets: Vec<(&str, Vec<Objects>)> = Vec::new();
    sets.extend(data.voc(part)?.map(|photos| ("PASCAL VOC", of_voc(&photos))));
    sets.extend(data.mini_instances(part)?.map(|photos| ("COCO", of_coco(&photos))));
    sets.retain(|(_, photos)| !photos.is_empty());
    ensure!(!sets.is_empty(), "{} has no labelled photos of this part", arguments.data.display());
    for (name, photos) in sets {
        println!("# {name}: proposals, recall at IoU 0.5, mean best overlap");
        let (coverage, ms) = timed(photos.len(), |tick| measure(&photos, proposer, tick))?;
        println!("# {ms:.0} ms a photo on one thread (median)");
        for number in NUMBERS {
            let (recall, overlap) = (coverage.recall(number), coverage.mean_best_overlap(number));
            println!("{number:>6} {} {}", digits(recall), digits(overlap));
        }
    }
    Ok(())
}
