//! Regions of the pyramid of one size, and what the second stage says of them.

use burn::tensor::Tensor;

use super::{
    Output,
    region_proposals::{Levels, PhotoProposals, framing},
};
use crate::{
    device::{RunError, read},
    heads::{
        box_head::BoxOutput,
        faster_rcnn::{Cut, guesses},
        spp::GRIDS,
        ssd::MIN_SCORE,
    },
    ops::Region,
    proposals::levels::ByLevel,
    structures::{
        boxes::{BBox, Candidate},
        stage::{self, Artifact, FeatureMap},
    },
};

/// Regions whose features are read when somebody looks inside; with 300 of them a phone would run out of memory.
const SHOWN: usize = 60;

/// The proposals of a photo, cut out of the pyramid.
pub struct PooledProposals {
    /// `[proposals, 7, 7, 128]`; none without proposals.
    features: Option<Tensor<4>>,
    /// For each row of the features its place among the proposals.
    order: Vec<usize>,
    /// In photo pixels, in the order of the proposals.
    boxes: Vec<BBox>,
    cut: Cut,
}

impl PooledProposals {
    /// Cuts the proposals out of the pyramid.
    pub fn of(levels: &Levels, proposals: &PhotoProposals, cut: Cut) -> Self {
        let list = &proposals.proposals;
        let regions: Vec<Region> = list.iter().map(|it| Region { photo: 0, bbox: it.bbox }).collect();
        let sorted = ByLevel::new(&regions);
        let features = (!regions.is_empty()).then(|| cut.regions(&sorted, &levels.maps));
        let framing = framing(proposals.photo);
        let boxes = list.iter().map(|it| framing.fractions_to_photo(&it.bbox)).collect();
        Self { features, order: sorted.order, boxes, cut }
    }
}

impl Output for PooledProposals {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.features.clone()
    }

    /// The best regions; of the spatial pyramid each grid as an element of its own, the finest first.
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(features) = &self.features else { return Ok(Artifact::Regions(vec![])) };
        let name = if self.cut == Cut::Align { "aligned" } else { "pooled" };
        let [count, height, width, channels] = features.dims();
        let grids =
            if self.cut == Cut::Pyramid { GRIDS.map(|side| (side, side)).to_vec() } else { vec![(height, width)] };
        let mut rows: Vec<usize> = (0..count).filter(|&row| self.order[row] < SHOWN).collect();
        rows.sort_by_key(|&row| self.order[row]);
        let mut regions = Vec::with_capacity(rows.len());
        for row in rows {
            let values = read(vec![features.clone().narrow(0, row, 1)]).await?;
            let mut values = &values[0][..];
            for &(height, width) in &grids {
                let (grid, rest) = values.split_at(height * width * channels);
                values = rest;
                regions.push(stage::Region {
                    bbox: self.boxes[self.order[row]],
                    candidate: None,
                    picture: None,
                    features: Some(FeatureMap::from_values(name, (height, width, channels), grid)),
                });
            }
        }
        Ok(Artifact::Regions(regions))
    }
}

/// What a second stage says of the proposals, before suppression: boxes in photo pixels, inside the photo; their priors
/// are places among the proposals.
pub async fn detections(
    head: impl FnOnce(Tensor<4>) -> BoxOutput,
    pooled: &PooledProposals,
    proposals: &PhotoProposals,
) -> Result<Vec<Candidate>, RunError> {
    let Some(features) = pooled.features.clone() else { return Ok(vec![]) };
    let mut found = guesses(head(features), &pooled.order, &proposals.proposals, MIN_SCORE).await?;
    let framing = framing(proposals.photo);
    for guess in &mut found {
        guess.bbox = framing.fractions_to_photo(&guess.bbox);
    }
    Ok(found)
}
