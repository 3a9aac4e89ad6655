//! Mask R-CNN for human pose (He et al. 2017, section 5): the regions of the people whom the second stage has found, and for
//! each of 17 joints a map of places.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use burn::tensor::Tensor;

use super::{Context, Detector, LocalBoxFuture, Output, faster_rcnn::FasterRcnn, region_proposals};
use crate::{
    catalog::{KEYPOINT_MAPS, KEYPOINTS, PERSON_REGIONS},
    device::{RunError, read},
    heads::{
        keypoint_branch::{BINS, JointMaps, KeypointBranch, PLACES, READ, regions, skeletons},
        movenet::people_among,
    },
    structures::{
        boxes::{BBox, Candidate},
        skeleton::{JOINT_NAMES, JOINTS},
        stage::{self, Artifact, FeatureMap, Peak, ScoreMaps},
    },
};

/// Name of the regions' features, with the map that they were cut out of.
const ALIGNED: &str = "aligned at stride 16";

/// Faster R-CNN with the keypoint branch.
pub struct KeypointRcnn {
    pub boxes: FasterRcnn,
    pub keypoints: Arc<KeypointBranch>,
}

impl Detector for KeypointRcnn {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let detections = self.boxes.detections(cx).await?;
            self.joints(cx, &detections).await
        })
    }
}

/// The regions of people.
struct PersonRegions {
    /// A box in photo pixels and its score for each person.
    people: Vec<(BBox, f32)>,
    /// Indices of their detections.
    chosen: Vec<usize>,
    /// `[people, 14, 14, 608]`; none without people.
    pooled: Option<Tensor<4>>,
}

/// Where each person's joints may be.
struct KeypointMaps {
    regions: Rc<PersonRegions>,
    maps: JointMaps,
}

impl KeypointRcnn {
    /// The joints of the people among some detections.
    ///
    /// # Arguments
    /// * `detections` - before suppression, in photo pixels.
    pub async fn joints(&self, cx: &mut Context<'_>, detections: &[Candidate]) -> Result<(), RunError> {
        let features = region_proposals::features(cx, &self.boxes.detector).await?;
        let rule = cx.settings.people;
        let regions = cx
            .stage_with(PERSON_REGIONS.key, &rule, async |_| {
                let chosen = people_among(detections, &rule);
                let people: Vec<_> = chosen.iter().map(|&i| (detections[i].bbox, detections[i].score)).collect();
                let regions = regions(&people, features.photo);
                let pooled = (!people.is_empty()).then(|| KeypointBranch::pool(&regions, &features.maps));
                Ok(PersonRegions { people, chosen, pooled })
            })
            .await?;
        let maps = cx
            .stage_with(KEYPOINT_MAPS.key, &rule, async |_| {
                let maps = match regions.pooled.clone() {
                    Some(pooled) => JointMaps::read(self.keypoints.logits(pooled)).await?,
                    None => JointMaps { people: vec![] },
                };
                Ok(KeypointMaps { regions: regions.clone(), maps })
            })
            .await?;
        cx.stage_with(KEYPOINTS.key, &rule, async |_| Ok(skeletons(&regions.people, &maps.maps))).await?;
        Ok(())
    }
}

impl Output for PersonRegions {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.pooled.clone()
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(pooled) = &self.pooled else { return Ok(Artifact::Regions(vec![])) };
        // Those of stride 16: they are nearly all that the branch reads.
        let channels = READ[1];
        let values = read(vec![pooled.clone().narrow(3, READ[0], channels)]).await?;
        let region = |(person, row): (usize, &[f32])| {
            let (bbox, candidate) = (self.people[person].0, Some(self.chosen[person]));
            let features = Some(FeatureMap::from_values(ALIGNED, (BINS, BINS, channels), row));
            stage::Region { bbox, candidate, picture: None, features }
        };
        let rows = values[0].chunks_exact(BINS * BINS * channels);
        Ok(Artifact::Regions(rows.enumerate().map(region).collect()))
    }
}

impl Output for KeypointMaps {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let people = self.regions.people.iter().zip(&self.regions.chosen).enumerate();
        let of_person = |(person, (&(bbox, _), &candidate)): (usize, (&(BBox, f32), &usize))| {
            let map = &self.maps.people[person];
            let cells = PLACES * PLACES;
            let values: Vec<f32> =
                (0..cells).flat_map(|cell| (0..JOINTS).map(move |joint| map[joint * cells + cell])).collect();
            let peaks = self.maps.joints(person, &bbox).into_iter().enumerate().map(|(joint, found)| {
                let best = self.maps.best(person, joint);
                let at = |cell: usize| (cell as f32 + 0.5) / PLACES as f32;
                let x = bbox.x0 + at(best % PLACES) * bbox.width();
                let y = bbox.y0 + at(best / PLACES) * bbox.height();
                Peak { from: (x, y), to: (found.x, found.y), score: found.score }
            });
            ScoreMaps {
                region: bbox,
                candidate: Some(candidate),
                names: JOINT_NAMES.map(Cow::Borrowed).to_vec(),
                peaks: peaks.collect(),
                maps: FeatureMap::from_values("places", (PLACES, PLACES, JOINTS), &values),
            }
        };
        Ok(Artifact::ScoreMaps(people.map(of_person).collect()))
    }
}
