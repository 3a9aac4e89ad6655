//! What the systems with a region proposal network share (Ren et al. 2015): the backbone at their input, the feature
//! pyramid, the anchors, and the proposals.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::{Context, Output, artifacts::feature_maps, backbone, selective_search};
use crate::{
    backbone::PhotoFeatures,
    catalog::{ANCHORS, BACKBONE_416, INPUT_416, PROPOSALS, PYRAMID, SEARCHED},
    device::RunError,
    heads::{
        box_head::BoxOutput,
        faster_rcnn::{INPUT, RegionProposals, guesses},
        ssd::{MIN_SCORE, Ssd},
    },
    ops::Region,
    photo::Framing,
    proposals::{reading::RpnReading, rpn::ProposalRule, selective_search::Rule},
    structures::{boxes::Candidate, hierarchy, proposal::Proposal, stage::Artifact},
};

/// The pyramid's maps of a photo, finest first.
pub struct Levels {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// `[1, height, width, 128]` each.
    pub maps: [Tensor<4>; 3],
}

/// What the network says of every anchor.
pub struct PhotoAnchors {
    photo: (u32, u32),
    reading: RpnReading,
}

/// Where to look.
pub struct PhotoProposals {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// In fractions of the photo, likeliest first.
    pub proposals: Vec<Proposal>,
}

impl PhotoProposals {
    /// The proposals as regions of a batch of one.
    pub fn regions(&self) -> Vec<Region> {
        self.proposals.iter().map(|it| Region { photo: 0, bbox: it.bbox }).collect()
    }

    /// What a second stage says of the proposals, before suppression.
    ///
    /// # Arguments
    /// * `order` - for each row of the output its place among the proposals.
    ///
    /// # Returns
    /// Boxes in photo pixels, inside the photo; their priors are places among the proposals.
    pub async fn detections(&self, output: BoxOutput, order: &[usize]) -> Result<Vec<Candidate>, RunError> {
        let mut found = guesses(output, order, &self.proposals, MIN_SCORE).await?;
        let framing = framing(self.photo);
        for guess in &mut found {
            guess.bbox = framing.fractions_to_photo(&guess.bbox);
        }
        Ok(found)
    }
}

/// From fractions of a photo to its pixels.
pub fn framing(photo: (u32, u32)) -> Framing {
    Framing::squash(photo, (INPUT as u32, INPUT as u32))
}

/// The backbone's maps of the photo at 416 x 416.
pub async fn features(cx: &mut Context<'_>, detector: &Ssd) -> Result<Rc<PhotoFeatures>, RunError> {
    backbone::features(cx, detector, INPUT, [INPUT_416.key, BACKBONE_416.key]).await
}

/// The pyramid on the backbone's maps.
pub async fn levels(cx: &mut Context<'_>, detector: &Ssd, network: &RegionProposals) -> Result<Rc<Levels>, RunError> {
    let features = features(cx, detector).await?;
    cx.stage(PYRAMID.key, async |_| Ok(Levels { photo: features.photo, maps: network.pyramid(&features.maps) })).await
}

/// The proposals on the pyramid.
pub async fn proposals(
    cx: &mut Context<'_>,
    network: &RegionProposals,
    levels: &Levels,
) -> Result<Rc<PhotoProposals>, RunError> {
    let rule = ProposalRule { after_suppression: cx.settings.rpn_proposals, ..ProposalRule::default() };
    let photo = levels.photo;
    let anchors = cx
        .stage(ANCHORS.key, async |_| {
            let reading = RpnReading::read(&network.anchors(&levels.maps)).await?;
            Ok(PhotoAnchors { photo, reading })
        })
        .await?;
    cx.stage_with(PROPOSALS.key, &rule, async |_| {
        Ok(PhotoProposals { photo, proposals: anchors.reading.proposals(0, &rule) })
    })
    .await
}

/// The proposals of Selective Search, likeliest first.
pub async fn searched(cx: &mut Context<'_>) -> Result<Rc<PhotoProposals>, RunError> {
    let (photo, count) = (cx.photo.size(), cx.settings.searched_proposals);
    let found = selective_search(cx, &Rule::fast()).await?;
    cx.stage_with(SEARCHED.key, &count, async |_| {
        let (across, down) = (1.0 / photo.0 as f32, 1.0 / photo.1 as f32);
        let best = found.proposals.iter().take(count).enumerate();
        // Nothing but the rank is known of them.
        let proposal = |(rank, it): (usize, &hierarchy::Proposal)| Proposal {
            bbox: it.bbox.scale(across, down).clip(1.0, 1.0),
            score: 1.0 / (rank + 1) as f32,
            anchor: None,
        };
        Ok(PhotoProposals { photo, proposals: best.map(proposal).collect() })
    })
    .await
}

impl Output for Levels {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.maps[0].clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let names = ["stride 8", "stride 16", "stride 32"];
        feature_maps(names.into_iter().zip(&self.maps).map(|(name, map)| (name.into(), map)), &[]).await
    }
}

impl Output for PhotoAnchors {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(Artifact::Anchors(self.reading.anchors(&framing(self.photo))))
    }
}

impl Output for PhotoProposals {
    /// A few hundred boxes on the host: cheap to send, and a comparison of systems counts them and asks what they hold.
    const IS_RESULT: bool = true;

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let framing = framing(self.photo);
        let in_photo = |proposal: &Proposal| Proposal { bbox: framing.fractions_to_photo(&proposal.bbox), ..*proposal };
        Ok(Artifact::Proposals(self.proposals.iter().map(in_photo).collect()))
    }
}
