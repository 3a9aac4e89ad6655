//! Mask R-CNN for human pose (He et al. 2017, section 5): the regions of the people whom the second stage has found, and for
//! each of 17 joints a map of places.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use burn::tensor::Tensor;

use super::{Context, Detector, LocalBoxFuture, Output, faster_rcnn::FasterRcnn, region_proposals};
use crate::{
    catalog::{KEYPOINT_MAPS, KEYPOINTS, PERSON_REGIONS},
    device::{RunError, read},
    heads::{
        keypoint_branch::{BINS, JointMaps, KeypointBranch, PLACES, regions, skeletons},
        movenet::MAX_PEOPLE,
        top_down::CHANNELS,
    },
    proposals::levels::ByLevel,
    structures::{
        boxes::{BBox, Candidate, Suppression, suppress},
        classes::PERSON,
        proposal::level_of,
        skeleton::{JOINT_NAMES, JOINTS},
        stage::{self, Artifact, FeatureMap, Peak, ScoreMaps},
    },
};

/// Names of the regions' features by the level that they were cut out of.
const ALIGNED: [&str; 3] = ["aligned at stride 8", "aligned at stride 16", "aligned at stride 32"];

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
    /// The level of the pyramid that each is cut out of, finest first.
    levels: Vec<usize>,
    /// For each row of `pooled` its place among the people.
    order: Vec<usize>,
    /// `[people, 14, 14, 128]`; none without people.
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
        let levels = region_proposals::levels(cx, &self.boxes.detector, &self.boxes.proposals).await?;
        let rule = cx.settings.people;
        let regions = cx
            .stage_with(PERSON_REGIONS.key, &rule, async |_| {
                let chosen = people(detections, &rule);
                let people: Vec<_> = chosen.iter().map(|&i| (detections[i].bbox, detections[i].score)).collect();
                let regions = regions(&people, levels.photo);
                let sorted = ByLevel::new(&regions);
                let pooled = (!people.is_empty()).then(|| KeypointBranch::pool(&sorted, &levels.maps));
                let levels = regions.iter().map(|region| level_of(&region.bbox)).collect();
                Ok(PersonRegions { people, chosen, levels, order: sorted.order, pooled })
            })
            .await?;
        let maps = cx
            .stage_with(KEYPOINT_MAPS.key, &rule, async |_| {
                let maps = match regions.pooled.clone() {
                    Some(pooled) => JointMaps::read(self.keypoints.logits(pooled), &regions.order).await?,
                    None => JointMaps { people: vec![] },
                };
                Ok(KeypointMaps { regions: regions.clone(), maps })
            })
            .await?;
        cx.stage_with(KEYPOINTS.key, &rule, async |_| Ok(skeletons(&regions.people, &maps.maps))).await?;
        Ok(())
    }
}

/// Indices of the detections that are people, best first.
fn people(detections: &[Candidate], rule: &Suppression) -> Vec<usize> {
    let all: Vec<usize> = (0..detections.len()).filter(|&i| detections[i].class == PERSON).collect();
    let candidates: Vec<Candidate> = all.iter().map(|&i| detections[i]).collect();
    let rule = Suppression { max_boxes: rule.max_boxes.min(MAX_PEOPLE), ..*rule };
    suppress(&candidates, &rule).kept.into_iter().map(|kept| all[kept]).collect()
}

impl Output for PersonRegions {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.pooled.clone()
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(pooled) = &self.pooled else { return Ok(Artifact::Regions(vec![])) };
        let values = read(vec![pooled.clone()]).await?;
        let mut rows: Vec<&[f32]> = vec![&[]; self.people.len()];
        for (&person, row) in self.order.iter().zip(values[0].chunks_exact(BINS * BINS * CHANNELS)) {
            rows[person] = row;
        }
        let region = |(person, row): (usize, &[f32])| {
            let (bbox, candidate) = (self.people[person].0, Some(self.chosen[person]));
            let name = ALIGNED[self.levels[person]];
            let features = Some(FeatureMap::from_values(name, (BINS, BINS, CHANNELS), row));
            stage::Region { bbox, candidate, picture: None, features }
        };
        Ok(Artifact::Regions(rows.into_iter().enumerate().map(region).collect()))
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
