//! Proposals against the objects of photos.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::{Failure, each, finish, open};
use crate::{
    backbone::MobileNetV2,
    data::folder::{BoxedPhoto, CocoPhotos},
    eval::proposals::Coverage,
    heads::faster_rcnn::{FasterRcnn, RegionProposals},
    proposals::rpn::ProposalRule,
    structures::boxes::BBox,
};

/// A region proposal network on its backbone.
#[derive(Clone, Copy)]
pub struct Proposer<'a> {
    /// The backbone.
    pub backbone: &'a MobileNetV2,
    /// The network.
    pub network: &'a RegionProposals,
    /// How many proposals it makes.
    pub rule: ProposalRule,
    /// Where both run.
    pub device: &'a Device,
}

impl Proposer<'_> {
    /// The proposals of a photo in fractions of it, likeliest first.
    fn propose(&self, file: &Path) -> Result<Vec<BBox>, Failure> {
        let photo = open(file)?;
        let features = self.backbone.forward(FasterRcnn::input(&photo, self.device));
        let (_, mut proposals) = finish(file, self.network.propose(&features, &self.rule))?;
        Ok(proposals.remove(0).into_iter().map(|proposal| proposal.bbox).collect())
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
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn measure(photos: &[Objects], proposer: Proposer<'_>, tick: &(dyn Fn() + Sync)) -> Result<Coverage, Failure> {
    let proposed = each(photos, tick, |photo| proposer.propose(&photo.file))?;
    let mut coverage = Coverage::default();
    for (photo, proposals) in photos.iter().zip(&proposed) {
        coverage.add(proposals, &photo.boxes);
    }
    Ok(coverage)
}
