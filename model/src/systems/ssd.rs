//! SSD (Liu et al. 2016): one pass, a correction and class scores for each of 1917 default boxes.

use std::{rc::Rc, sync::Arc};

use super::{Context, Detector, LocalBoxFuture, artifacts::NetworkInput};
use crate::{
    backbone::PhotoFeatures,
    catalog::{BACKBONE, CLASS_SCORES, CORRECTIONS, DEFAULT_BOXES, INPUT},
    device::RunError,
    heads::ssd::{ClassScores, Ssd},
    structures::boxes::Candidate,
};

/// SSD.
pub struct SsdSystem {
    pub detector: Arc<Ssd>,
}

impl Detector for SsdSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move { detections(cx, &self.detector).await.map(drop) })
    }
}

/// The backbone's maps: where every system on this backbone starts.
pub async fn features(cx: &mut Context<'_>, detector: &Ssd) -> Result<Rc<PhotoFeatures>, RunError> {
    let photo = cx.photo;
    let input = cx.stage(INPUT.key, async |work| Ok(NetworkInput::squashed(photo, work.device))).await?;
    cx.stage(BACKBONE.key, async |work| {
        work.count_passes(1);
        let mut pass = detector.begin_features(input.tensor.clone());
        let map_ms = work.time_maps(&mut pass).await?;
        Ok(PhotoFeatures { photo: photo.size(), maps: pass.into_features(), map_ms })
    })
    .await
}

/// The detector's six maps and its class scores on them.
pub async fn class_scores(
    cx: &mut Context<'_>,
    detector: &Ssd,
    features: &PhotoFeatures,
) -> Result<Rc<ClassScores>, RunError> {
    cx.stage(CLASS_SCORES.key, async |_| Ok(detector.class_scores(&features.maps))).await
}

/// The detections before suppression.
pub async fn detections(cx: &mut Context<'_>, detector: &Ssd) -> Result<Rc<Vec<Candidate>>, RunError> {
    let features = features(cx, detector).await?;
    let scores = class_scores(cx, detector, &features).await?;
    let output = cx.stage(DEFAULT_BOXES.key, async |_| detector.output(features.photo, &scores).await).await?;
    cx.stage(CORRECTIONS.key, async |_| Ok(output.detections())).await
}
