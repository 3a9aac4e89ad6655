//! SSD (Liu et al. 2016): one pass, a correction and class scores for each of 1917 default boxes.

use std::{rc::Rc, sync::Arc};

use super::{Context, Detector, LocalBoxFuture, Output, artifacts::NetworkInput, backbone, closer_look};
use crate::{
    backbone::{MobileNetV2, PhotoFeatures},
    catalog::{BACKBONE, CLASS_SCORES, CORRECTIONS, DEFAULT_BOXES, INPUT},
    device::RunError,
    heads::ssd::{self, ClassScores, Ssd},
    nn::weights::Weights,
    structures::{
        boxes::Candidate,
        question::{Answer, Question},
        stage::Artifact,
    },
};

/// SSD.
pub struct SsdSystem {
    pub detector: Arc<Ssd>,
}

impl Detector for SsdSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move { detections(cx, &self.detector).await.map(drop) })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::UntrainedMaps(seed) = question else { return Ok(None) };
            let photo = cx.photo;
            let weights = Weights::untrained(u64::from(*seed));
            let backbone =
                MobileNetV2::load(&weights, "backbone", cx.device).expect("untrained weights have every shape");
            let input =
                cx.stage(INPUT.key, async |work| Ok(NetworkInput::squashed(photo, ssd::INPUT, work.device))).await?;
            let maps = backbone.forward(input.tensor.clone());
            let maps = PhotoFeatures { photo: photo.size(), maps, map_ms: vec![] };
            match maps.artifact().await? {
                Artifact::FeatureMaps(maps) => Ok(Some(Answer::Maps(maps))),
                _ => Ok(None),
            }
        })
    }
}

/// The backbone's maps at the detector's input.
pub async fn features(cx: &mut Context<'_>, detector: &Ssd) -> Result<Rc<PhotoFeatures>, RunError> {
    backbone::features(cx, detector, ssd::INPUT, [INPUT.key, BACKBONE.key]).await
}

/// The detector's six maps and its class scores on them.
pub async fn class_scores(
    cx: &mut Context<'_>,
    detector: &Ssd,
    features: &PhotoFeatures,
) -> Result<Rc<ClassScores>, RunError> {
    cx.stage(CLASS_SCORES.key, async |_| Ok(detector.class_scores(&features.maps))).await
}

/// The detections before suppression; where settings ask for it those of a closer look.
pub async fn detections(cx: &mut Context<'_>, detector: &Ssd) -> Result<Rc<Vec<Candidate>>, RunError> {
    let features = features(cx, detector).await?;
    let scores = class_scores(cx, detector, &features).await?;
    let output = cx.stage(DEFAULT_BOXES.key, async |_| detector.output(features.photo, &scores).await).await?;
    let found = cx.stage(CORRECTIONS.key, async |_| Ok(output.detections())).await?;
    if cx.settings.closer { closer_look::detections(cx, detector, &found).await } else { Ok(found) }
}
