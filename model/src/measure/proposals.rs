//! Proposals against the objects of photos.

use std::{path::PathBuf, time::Instant};

use burn::tensor::Device;

use super::{Failure, each, open};
use crate::{
    backbone::MobileNetV2,
    data::folder::{BoxedPhoto, CocoPhotos},
    device::RunError,
    eval::proposals::Coverage,
    heads::{
        faster_rcnn::{INPUT, RegionProposals},
        input::squashed,
    },
    photo::Photo,
    proposals::{
        rpn::ProposalRule,
        selective_search::{self, propose},
    },
    structures::boxes::BBox,
};

/// What makes proposals.
pub trait Proposer: Sync {
    /// The proposals of a photo in fractions of it, likeliest first.
    ///
    /// # Errors
    /// When a network fails.
    fn propose(&self, photo: &Photo) -> Result<Vec<BBox>, RunError>;
}

/// A region proposal network on its backbone.
#[derive(Clone, Copy)]
pub struct RegionProposer<'a> {
    /// The backbone.
    pub backbone: &'a MobileNetV2,
    /// The network.
    pub network: &'a RegionProposals,
    /// How many proposals it makes.
    pub rule: ProposalRule,
    /// Where both run.
    pub device: &'a Device,
}

impl Proposer for RegionProposer<'_> {
    fn propose(&self, photo: &Photo) -> Result<Vec<BBox>, RunError> {
        let features = self.backbone.forward(squashed(photo, INPUT, self.device));
        let (_, mut proposals) = pollster::block_on(self.network.propose(&features, &self.rule))?;
        Ok(proposals.remove(0).into_iter().map(|proposal| proposal.bbox).collect())
    }
}

impl Proposer for selective_search::Rule {
    fn propose(&self, photo: &Photo) -> Result<Vec<BBox>, RunError> {
        let (across, down) = (1.0 / photo.width() as f32, 1.0 / photo.height() as f32);
        let found = propose(photo, self).proposals;
        Ok(found.into_iter().map(|proposal| proposal.bbox.scale(across, down)).collect())
    }
}

/// A photo and the objects in it, in fractions.
#[derive(Clone, Debug)]
pub struct Objects {
    /// The photo's file.
    pub file: PathBuf,
    /// Where they are.
    pub boxes: Vec<BBox>,
}

/// The objects of VOC's classes that are not difficult.
#[must_use]
pub fn of_voc(photos: &[BoxedPhoto]) -> Vec<Objects> {
    let of_photo = |photo: &BoxedPhoto| {
        let wanted = photo.objects.iter().filter(|object| !object.difficult);
        Objects { file: photo.file.clone(), boxes: wanted.map(|object| object.bbox).collect() }
    };
    photos.iter().map(of_photo).collect()
}

/// The objects of COCO's labels, groups left out.
#[must_use]
pub fn of_coco(photos: &CocoPhotos) -> Vec<Objects> {
    let of_image = |image: &crate::coco::Image| {
        let own = photos.dataset.annotations.iter().filter(|it| it.image_id == image.id && it.iscrowd == 0);
        let fraction = |[x, y, w, h]: [f64; 4]| {
            let (width, height) = (f64::from(image.width), f64::from(image.height));
            // Single precision is enough for a box.
            BBox::new((x / width) as f32, (y / height) as f32, ((x + w) / width) as f32, ((y + h) / height) as f32)
        };
        Objects { file: photos.files[&image.id].clone(), boxes: own.map(|it| fraction(it.bbox)).collect() }
    };
    photos.dataset.images.iter().map(of_image).collect()
}

/// How well proposals cover the objects of some photos.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Returns
/// The coverage, and the median of the milliseconds that the proposals of a photo took, decoding left out.
///
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn measure(
    photos: &[Objects],
    proposer: &dyn Proposer,
    tick: &(dyn Fn() + Sync),
) -> Result<(Coverage, f64), Failure> {
    let proposed = each(photos, tick, |it| {
        let photo = open(&it.file)?;
        let start = Instant::now();
        let proposals = proposer.propose(&photo).map_err(|error| Failure::Run(it.file.clone(), error))?;
        Ok((proposals, start.elapsed().as_secs_f64() * 1e3))
    })?;
    let mut coverage = Coverage::default();
    for (photo, (proposals, _)) in photos.iter().zip(&proposed) {
        coverage.add(proposals, &photo.boxes);
    }
    let mut times: Vec<f64> = proposed.into_iter().map(|(_, ms)| ms).collect();
    times.sort_by(f64::total_cmp);
    Ok((coverage, times.get(times.len() / 2).copied().unwrap_or(0.0)))
}
