//! What the networks with three unpoolings learn from, and how they become one file.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use model::{
    coco::stem,
    data::folder::Part,
    heads::unpooling::{Measured, UnpoolingNet, UnpoolingNets},
    nn::weights::{Pack, Weights},
    random::Random,
    structures::question::Unpooling,
    train::{
        course::{train, write},
        labels::Folder,
        unpooling::{Example, UnpoolingLesson, examples, measure},
    },
};

use crate::{Arguments, Usual, device};

/// The sets of photos with people's masks of all of VOC's classes.
const SETS: [&str; 2] = ["animals", "voc"];
/// Views of a photo that is learnt from: the whole and crops.
const VIEWS: usize = 3;
/// A crop keeps at least this share of each side.
const LEAST: f32 = 0.5;

/// Trains the networks one after the other, with the same batches, into one file.
pub fn compare(arguments: &Arguments, folder: &Folder, usual: &Usual) -> Result<()> {
    let (train_on, dev) = data(folder)?;
    println!("{} views to learn from, {} photos to measure on", train_on.len(), dev.len());
    let batch = arguments.batch.unwrap_or(16);
    let mut lesson = UnpoolingLesson { way: Unpooling::default(), train: train_on, dev, batch };
    let mut pack = Pack::compact();
    for (i, way) in Unpooling::ALL.into_iter().enumerate() {
        lesson.way = way;
        let mut plan = arguments.plan(usual);
        plan.run = plan.run.join(i.to_string());
        let (net, _) = train(&lesson, &plan, &device(arguments.backend)?)?;
        pack.add_module(&i.to_string(), &net)?;
        let (measured, without) = shipped(&net, &lesson)?;
        println!("{way:?}: {measured:?}, {without} without a boundary");
        let numbers = [measured.iou, measured.boundary_error, measured.near];
        for (name, number) in Measured::NOTES.into_iter().zip(numbers) {
            pack.note(format!("{}{name}", UnpoolingNets::prefix(i)), format!("{number:.4}"));
        }
    }
    let path = arguments.out.join("unpooling.bpk");
    let bytes = pack.into_bytes()?;
    write(&path, &bytes)?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

/// Measures a network with its weights rounded as they are in the file.
fn shipped(net: &UnpoolingNet, lesson: &UnpoolingLesson) -> Result<(Measured, usize)> {
    let mut pack = Pack::compact();
    pack.add_module("", net)?;
    let (weights, flex) = (Weights::from_bytes(pack.into_bytes()?)?, Device::flex());
    Ok(measure(&UnpoolingNet::load(&weights, "", lesson.way, &flex)?, &lesson.dev, &flex)?)
}

/// Views to learn from, and whole photos to measure on.
fn data(folder: &Folder) -> Result<(Vec<Example>, Vec<Example>)> {
    let (mut train, mut dev, mut seen, mut random) = (vec![], vec![], BTreeSet::new(), Random::new(4));
    for set in SETS {
        for photo in folder.photos(set)?.into_iter().filter(|photo| folder.has_truth(photo)) {
            // A few photos are in both sets.
            if !seen.insert(stem(&photo).to_owned()) {
                continue;
            }
            if Part::Dev.has(&photo) {
                dev.extend(examples(folder, &photo, (1, LEAST), &mut random)?);
            } else {
                train.extend(examples(folder, &photo, (VIEWS, LEAST), &mut random)?);
            }
        }
    }
    ensure!(!train.is_empty() && !dev.is_empty(), "there are too few photos with masks");
    Ok((train, dev))
}
