//! Faster R-CNN (Ren et al. 2015): a network proposes regions, RoIAlign cuts them out of the pyramid, and a second stage says
//! what each one is and corrects it once more.

use std::{rc::Rc, sync::Arc};

use burn::tensor::Device;
use web_time::Instant;

use super::{
    Context, Detector, LocalBoxFuture, region_features,
    region_proposals::{self, Levels, PhotoProposals},
};
use crate::{
    catalog::{ALIGNED_BOX_HEAD, ROI_ALIGN},
    device::{self, RunError},
    heads::{
        box_head::{BoxHead, BoxHeadBackward},
        faster_rcnn::{Cut, RegionProposals},
        input::squashed,
        ssd::{MIN_SCORE, Ssd},
    },
    photo::Photo,
    proposals::rpn::ProposalRule,
    structures::{
        boxes::{Candidate, Suppression, suppress},
        question::{Answer, Question, SizedDetections},
    },
};

/// The least and the largest side of another input, in pixels, and how many are looked at for one question.
const SIDES: [usize; 2] = [96, 800];
const MAX_SIDES: usize = 8;
/// Sides are multiples of the coarsest stride.
const STRIDE: usize = 32;

/// Faster R-CNN, which Mask R-CNN and DenseCap go on from.
///
/// The paper has RoIPool, which Fast R-CNN shows; on the same pyramid RoIAlign (He et al. 2017) measured three points of mean
/// average precision more, so detection libraries have it here, too.
pub struct FasterRcnn {
    pub detector: Arc<Ssd>,
    pub proposals: Arc<RegionProposals>,
    pub boxes: Arc<BoxHead>,
    /// The way back through the box head; loaded for the question about it only.
    pub backward: Option<Arc<BoxHeadBackward>>,
}

impl Detector for FasterRcnn {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move { self.detections(cx).await.map(drop) })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            if let Question::InputSides(sides) = question {
                return Ok(Some(Answer::InputSides(self.at_sides(cx.photo, sides, cx.device).await?)));
            }
            let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
            if let (Question::FeatureGradient(labelled), Some(backward)) = (question, &self.backward) {
                let gradient = region_features::gradient(&levels, (&self.boxes, backward), labelled).await?;
                return Ok(Some(Answer::FeatureGradient(gradient)));
            }
            region_features::answer(question, &levels, Cut::Align, |regions| self.boxes.forward(regions)).await
        })
    }
}

impl FasterRcnn {
    /// The detections before suppression.
    pub async fn detections(&self, cx: &mut Context<'_>) -> Result<Rc<Vec<Candidate>>, RunError> {
        let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
        let proposals = region_proposals::proposals(cx, &self.proposals, &levels).await?;
        let (keys, head) = ([ROI_ALIGN.key, ALIGNED_BOX_HEAD.key], |regions| self.boxes.forward(regions));
        region_features::detections(cx, keys, &levels, &proposals, Cut::Align, head).await
    }

    /// What is found with the photo squashed to squares of other sides: nothing but the box head needs regions of one size.
    async fn at_sides(&self, photo: &Photo, sides: &[u16], device: &Device) -> Result<Vec<SizedDetections>, RunError> {
        let mut all = Vec::with_capacity(sides.len());
        for side in sides.iter().take(MAX_SIDES) {
            let side = (usize::from(*side) / STRIDE * STRIDE).clamp(SIDES[0], SIDES[1]);
            let start = Instant::now();
            let detections = self.at_side(photo, side, device).await?;
            let ms = device::ms(start, Instant::now());
            all.push(SizedDetections { side: side as u16, ms, detections }); // at most 800
        }
        Ok(all)
    }

    /// The detections at one side after suppression, best first, in fractions of the photo.
    async fn at_side(&self, photo: &Photo, side: usize, device: &Device) -> Result<Vec<Candidate>, RunError> {
        let features = self.detector.features(squashed(photo, side, device));
        let (maps, mut proposals) = self.proposals.propose(&features, &ProposalRule::default()).await?;
        let levels = Levels { photo: photo.size(), maps };
        // A batch of one photo has one list.
        let proposals = PhotoProposals { photo: photo.size(), proposals: proposals.swap_remove(0) };
        let head = |regions| self.boxes.forward(regions);
        let found = region_features::detections_beside(&levels, &proposals, Cut::Align, head).await?;
        let kept = suppress(&found, &Suppression { min_score: MIN_SCORE, ..Suppression::default() }).kept;
        let (across, down) = (1.0 / photo.width() as f32, 1.0 / photo.height() as f32);
        let in_fractions = |it: &Candidate| Candidate { bbox: it.bbox.scale(across, down), ..*it };
        Ok(kept.into_iter().map(|index| in_fractions(&found[index])).collect())
    }
}
