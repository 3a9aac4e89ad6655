//! Faster R-CNN (Ren et al. 2015): a network proposes regions, and a second stage says what each one is.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::Features,
    device::{RunError, read},
    heads::{
        box_head::{BINS, BoxOutput, decode},
        spp::SppHead,
        top_down::{CHANNELS, TopDown},
    },
    nn::weights::{Network, Weights, WeightsError},
    ops::SAMPLES,
    proposals::{
        levels::ByLevel,
        reading::RpnReading,
        rpn::{ProposalRule, RpnHead, RpnOutput},
    },
    structures::{boxes::Candidate, proposal::Proposal},
};

/// Side of the network's square input, in pixels: the whole photo is squashed to it.
pub const INPUT: usize = 416;

/// The pyramid and the region proposal network: what Faster R-CNN, R-FCN, Mask R-CNN and DenseCap share.
#[derive(Module, Debug)]
pub struct RegionProposals {
    neck: TopDown,
    rpn: RpnHead,
}

impl RegionProposals {
    /// Loads `{prefix}neck` and `{prefix}rpn`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self {
            neck: TopDown::load(weights, &format!("{prefix}neck"), device)?,
            rpn: RpnHead::load(weights, &format!("{prefix}rpn"), CHANNELS, device)?,
        })
    }

    /// The pyramid's maps, finest first: `[batch, height, width, 128]` each.
    #[must_use]
    pub fn pyramid(&self, features: &Features) -> [Tensor<4>; 3] {
        self.neck.forward(features)
    }

    /// The network's raw output on each of the pyramid's maps.
    #[must_use]
    pub fn anchors(&self, maps: &[Tensor<4>; 3]) -> Vec<RpnOutput> {
        self.rpn.forward(maps)
    }

    /// The pyramid's maps, finest first, and the network's raw output on each.
    #[must_use]
    pub fn forward(&self, features: &Features) -> ([Tensor<4>; 3], Vec<RpnOutput>) {
        let maps = self.pyramid(features);
        let outputs = self.anchors(&maps);
        (maps, outputs)
    }

    /// The pyramid's maps of a batch of photos, and the proposals of each, likeliest first.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn propose(
        &self,
        features: &Features,
        rule: &ProposalRule,
    ) -> Result<([Tensor<4>; 3], Vec<Vec<Proposal>>), RunError> {
        let (maps, outputs) = self.forward(features);
        let proposals = proposals(&outputs, rule).await?;
        Ok((maps, proposals))
    }
}

impl Network for RegionProposals {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

/// The proposals of each photo of a batch, likeliest first.
///
/// # Arguments
/// * `outputs` - the network's on each level, finest first.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn proposals(outputs: &[RpnOutput], rule: &ProposalRule) -> Result<Vec<Vec<Proposal>>, RunError> {
    let reading = RpnReading::read(outputs).await?;
    Ok((0..reading.batch()).map(|photo| reading.proposals(photo, rule)).collect())
}

/// How regions are cut out of the pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// RoIAlign.
    Align,
    /// RoIPool.
    Pool,
    /// The spatial pyramid of SPP-net.
    Pyramid,
}

impl Cut {
    /// Cuts regions out of the feature pyramid, in the order of their levels.
    ///
    /// # Returns
    /// `[regions, 7, 7, 128]`; the spatial pyramid as [`SppHead::pool`].
    #[must_use]
    pub fn regions(self, sorted: &ByLevel, maps: &[Tensor<4>; 3]) -> Tensor<4> {
        match self {
            Self::Align => sorted.roi_align(maps, BINS, SAMPLES),
            Self::Pool => sorted.roi_pool(maps, BINS),
            Self::Pyramid => SppHead::pool(sorted, maps),
        }
    }
}

/// Reads what the second stage says of the proposals of one photo.
///
/// # Arguments
/// * `order` - for each row of the output its place among the proposals.
///
/// # Returns
/// Guesses with a score of at least `min_score`, in fractions of the input, before suppression; their priors are the places
/// among `proposals`.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn guesses(
    output: BoxOutput,
    order: &[usize],
    proposals: &[Proposal],
    min_score: f32,
) -> Result<Vec<Candidate>, RunError> {
    let values = read(vec![output.logits, output.corrections]).await?;
    let in_order: Vec<Proposal> = order.iter().map(|&i| proposals[i]).collect();
    let mut found = decode(&values[0], &values[1], &in_order, min_score);
    for guess in &mut found {
        guess.prior = order[guess.prior as usize] as u32;
    }
    Ok(found)
}
