//! R-FCN (Dai et al. 2016): Faster R-CNN's proposals vote with score maps of the parts of each class, so that no layer runs
//! for a region alone.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use burn::tensor::Tensor;

use super::{
    Context, Detector, LocalBoxFuture, Output,
    region_features::{self, regions_of},
    region_proposals::{self, Levels, PhotoProposals},
};
use crate::{
    device::{RunError, read},
    heads::{
        box_head::{CLASSES, LOGITS},
        faster_rcnn::RegionProposals,
        r_fcn::{PARTS, PartMaps, RFcnHead},
        ssd::Ssd,
    },
    structures::{
        boxes::{BBox, Candidate},
        classes::COCO,
        question::{Answer, Question},
        stage::{Artifact, FeatureMap, ScoreMaps},
    },
};

/// R-FCN.
pub struct RFcnSystem {
    pub detector: Arc<Ssd>,
    pub proposals: Arc<RegionProposals>,
    pub head: Arc<RFcnHead>,
}

impl Detector for RFcnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
            let proposals = region_proposals::proposals(cx, &self.proposals, &levels).await?;
            let parts = self.parts(cx, &levels).await?;
            cx.stage_with("part-votes", &proposals.proposals.len(), async |_| detections(&parts, &proposals).await)
                .await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::Regions(boxes) = question else { return Ok(None) };
            let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
            let parts = self.parts(cx, &levels).await?;
            let output = (!boxes.is_empty()).then(|| RFcnHead::vote(&parts.maps, &regions_of(boxes)));
            let order: Vec<usize> = (0..boxes.len()).collect();
            region_features::read_answer(output, &order, boxes).await
        })
    }
}

impl RFcnSystem {
    /// The score maps of the parts of each class.
    async fn parts(&self, cx: &mut Context<'_>, levels: &Levels) -> Result<Rc<PhotoParts>, RunError> {
        cx.stage("part-maps", async |_| Ok(PhotoParts { photo: levels.photo, maps: self.head.maps(&levels.maps[1]) }))
            .await
    }
}

/// The score maps of the parts of each class.
struct PhotoParts {
    photo: (u32, u32),
    maps: PartMaps,
}

/// What the proposals are by the vote of their parts, before suppression: boxes in photo pixels.
async fn detections(parts: &PhotoParts, proposals: &PhotoProposals) -> Result<Vec<Candidate>, RunError> {
    let regions = proposals.regions();
    if regions.is_empty() {
        return Ok(vec![]);
    }
    let order: Vec<usize> = (0..regions.len()).collect();
    proposals.detections(RFcnHead::vote(&parts.maps, &regions), &order).await
}

impl Output for PhotoParts {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.maps.scores.clone())
    }

    /// One element a part, row by row, with a map of logits for each class and the background.
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let [_, height, width, _] = self.maps.scores.dims();
        let names = COCO.iter().map(|it| Cow::Borrowed(it.1)).chain([Cow::Borrowed("background")]);
        let names: Vec<_> = names.collect();
        let (photo_width, photo_height) = self.photo;
        let region = BBox::new(0.0, 0.0, photo_width as f32, photo_height as f32);
        let mut parts = Vec::with_capacity(PARTS * PARTS);
        for part in 0..PARTS * PARTS {
            let values = read(vec![self.maps.scores.clone().narrow(3, part * LOGITS, CLASSES)]).await?;
            let maps = FeatureMap::from_values(format!("part {}", part + 1), (height, width, CLASSES), &values[0]);
            parts.push(ScoreMaps { region, candidate: None, names: names.clone(), maps, peaks: vec![] });
        }
        Ok(Artifact::ScoreMaps(parts))
    }
}
