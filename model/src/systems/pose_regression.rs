//! Pose by regression (Toshev and Szegedy 2014): 28 numbers for each person that SSD has found.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use burn::tensor::Tensor;

use super::{Context, Detector, LocalBoxFuture, Output, ssd};
use crate::{
    catalog::{POSE_POINTS, REGRESSED_JOINTS, STRETCHED_CROPS},
    device::{RunError, read},
    heads::{
        movenet::people,
        pose_regression::{
            INPUT, POINT_NAMES, POINTS, PoseRegressionHead, VECTOR, around_box, crops, read_points, skeleton,
        },
        ssd::Ssd,
    },
    structures::{
        boxes::BBox,
        skeleton::Skeleton,
        stage::{Artifact, FeatureMap, Peak, Picture, Region, ScoreMaps},
    },
};

/// Pose by regression on SSD's people.
pub struct PoseRegression {
    pub detector: Arc<Ssd>,
    pub head: Arc<PoseRegressionHead>,
}

/// Rows that a vector is drawn in.
const ROWS: usize = 16;

/// Crops of people, each stretched to a square.
struct StretchedCrops {
    /// A box in photo pixels and its score for each person.
    people: Vec<(BBox, f32)>,
    /// What is looked at for each, in photo pixels.
    regions: Vec<BBox>,
    /// `[people, 192, 192, 3]`, RGB in `[-1, 1]`; none without people.
    pixels: Option<Tensor<4>>,
}

/// What the head says of each crop.
struct PosePoints {
    crops: Rc<StretchedCrops>,
    /// `[people, 1, 1, 512]`; none without people.
    vectors: Option<Tensor<4>>,
    /// In fractions of the crops.
    points: Vec<[(f32, f32); POINTS]>,
}

impl Detector for PoseRegression {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (photo, rule) = (cx.photo, &cx.settings.people);
            let depends = (rule, cx.settings.closer);
            let detections = ssd::detections(cx, &self.detector).await?;
            let crops = cx
                .stage_with(STRETCHED_CROPS.key, &depends, async |work| {
                    let people = people(&detections, rule);
                    let regions: Vec<BBox> = people.iter().map(|(bbox, _)| around_box(bbox)).collect();
                    let pixels = (!regions.is_empty()).then(|| crops(photo, &regions, work.device));
                    Ok(StretchedCrops { people, regions, pixels })
                })
                .await?;
            let found = cx
                .stage_with(POSE_POINTS.key, &depends, async |work| {
                    let Some(pixels) = &crops.pixels else {
                        return Ok(PosePoints { crops: crops.clone(), vectors: None, points: vec![] });
                    };
                    work.count_passes(crops.people.len());
                    let vectors = self.head.vectors(self.detector.features(pixels.clone()).stride_32);
                    let points = read_points(self.head.points(vectors.clone())).await?;
                    Ok(PosePoints { crops: crops.clone(), vectors: Some(vectors), points })
                })
                .await?;
            cx.stage_with(REGRESSED_JOINTS.key, &depends, async |_| Ok(found.skeletons())).await?;
            Ok(())
        })
    }
}

impl Output for StretchedCrops {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(pixels) = &self.pixels else { return Ok(Artifact::Regions(vec![])) };
        let values = read(vec![pixels.clone()]).await?;
        let crops = values[0].chunks_exact(INPUT * INPUT * 3).zip(&self.regions);
        let region = |(values, &region): (&[f32], &BBox)| {
            let rgb = values.iter().map(|v| ((v + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8).collect();
            let picture = Some(Picture { width: INPUT, height: INPUT, rgb, region });
            Region { bbox: region, candidate: None, picture, features: None }
        };
        Ok(Artifact::Regions(crops.map(region).collect()))
    }
}

impl PosePoints {
    fn skeletons(&self) -> Vec<Skeleton> {
        let people = self.crops.people.iter().zip(&self.crops.regions).zip(&self.points);
        people.map(|((&person, region), points)| skeleton(person, region, points)).collect()
    }
}

impl Output for PosePoints {
    /// One element a person: the vector as a map, the points as peaks in photo pixels.
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(vectors) = &self.vectors else { return Ok(Artifact::ScoreMaps(vec![])) };
        let values = read(vec![vectors.clone()]).await?;
        let mut people = vec![];
        for ((vector, &region), points) in values[0].chunks_exact(VECTOR).zip(&self.crops.regions).zip(&self.points) {
            let place = |&(x, y): &(f32, f32)| (region.x0 + x * region.width(), region.y0 + y * region.height());
            people.push(ScoreMaps {
                region,
                candidate: None,
                names: POINT_NAMES.map(Cow::Borrowed).to_vec(),
                maps: FeatureMap::from_values("vector", (ROWS, VECTOR / ROWS, 1), vector),
                peaks: points.iter().map(|it| Peak { from: place(it), to: place(it), score: 1.0 }).collect(),
            });
        }
        Ok(Artifact::ScoreMaps(people))
    }
}
