//! The class map of a fully convolutional network, with the masks of boxed things added to its scores.
//!
//! Masks and class map know different things: the detector and the mask branch have seen all of COCO's classes, the class map's head a
//! few hundred masks of most of PASCAL VOC's; it alone says what fills the photo from edge to edge. Their scores are added cell by
//! cell, as in the panoptic head of UPSNet (Xiong et al. 2019), before the likeliest class is taken.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, artifacts::Scores, fcn::FcnSystem, masks};
use crate::{
    device::RunError,
    heads::mask::MaskHead,
    structures::question::{Answer, Question},
};

/// The class map with the masks of SSD's boxes.
pub struct FcnMasks {
    pub fcn: FcnSystem,
    pub masks: Arc<MaskHead>,
}

impl Detector for FcnMasks {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (pixels, photo) = (cx.photo, cx.photo.size());
            let size = cx.settings.class_map_size(photo);
            let scores = self.fcn.scores(cx).await?;
            // Crops would take thirty passes for 0.0003 of the mean intersection over union.
            let masks = masks::of_detections(cx, &self.fcn.detector, &self.masks, false).await?;
            let depends = (cx.settings.masks, cx.settings.closer);
            let joint = cx
                .stage_with("joint-scores", &depends, async |_| {
                    Ok(Scores { photo, logits: scores.logits.with_masks(&masks, photo) })
                })
                .await?;
            cx.stage_with("joint-map", &(depends, size), async |_| {
                Ok(joint.logits.class_map_along_edges(pixels, size))
            })
            .await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        self.fcn.answer(cx, question)
    }
}
