//! The region proposal network's output on the host: its anchors with what it says of them, and its proposals.

use super::{
    anchors::{LEVELS, PER_POSITION, anchors},
    rpn::{CODING, CORRECTIONS, OBJECTNESS, ProposalRule, RpnOutput, RpnValues, propose},
};
use crate::{
    device::{RunError, read},
    photo::Framing,
    structures::{
        boxes::BBox,
        proposal::Proposal,
        stage::{AnchorGrid, Anchors, TOP},
    },
};

/// The network's output on a batch of photos, read from the device.
#[derive(Clone, Debug)]
pub struct RpnReading {
    /// Rows and columns of each level, finest first.
    grids: [(usize, usize); LEVELS],
    batch: usize,
    /// In fractions of the photo.
    anchors: Vec<BBox>,
    /// Objectness and corrections of each level, one after the other.
    values: Vec<Vec<f32>>,
}

impl RpnReading {
    /// Reads the outputs of a batch.
    ///
    /// # Arguments
    /// * `outputs` - the network's on each level, finest first.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn read(outputs: &[RpnOutput]) -> Result<Self, RunError> {
        let grids = std::array::from_fn(|level| {
            let [_, height, width, _] = outputs[level].objectness.dims();
            (height, width)
        });
        let batch = outputs[0].objectness.dims()[0];
        let tensors = outputs.iter().flat_map(|output| [output.objectness.clone(), output.corrections.clone()]);
        Ok(Self { grids, batch, anchors: anchors(&grids), values: read(tensors.collect()).await? })
    }

    /// Photos in the batch.
    #[must_use]
    pub const fn batch(&self) -> usize {
        self.batch
    }

    /// The numbers of one photo, level by level.
    fn levels(&self, photo: usize) -> Vec<RpnValues<'_>> {
        let of_photo = |values: &'_ [f32]| {
            let count = values.len() / self.batch;
            photo * count..(photo + 1) * count
        };
        let level = |pair: &'_ [Vec<f32>]| (of_photo(&pair[0]), of_photo(&pair[1]));
        self.values
            .chunks_exact(2)
            .map(|pair| {
                let (objectness, corrections) = level(pair);
                RpnValues { objectness: &pair[0][objectness], corrections: &pair[1][corrections] }
            })
            .collect()
    }

    /// The proposals of one photo of the batch, likeliest first, in fractions of the photo.
    #[must_use]
    pub fn proposals(&self, photo: usize, rule: &ProposalRule) -> Vec<Proposal> {
        propose(&self.levels(photo), &self.anchors, rule)
    }

    /// Every anchor of the batch's first photo with its correction and its objectness, sure and unsure alike.
    ///
    /// # Arguments
    /// * `framing` - from fractions of the photo to its pixels.
    #[must_use]
    pub fn anchors(&self, framing: &Framing) -> Anchors {
        let grids = self.grids.map(|(height, width)| AnchorGrid { width, height, per_cell: PER_POSITION });
        let mut all = Anchors { grids: grids.to_vec(), ..Anchors::default() };
        let mut boxes = self.anchors.iter();
        let corners = |bbox: BBox| [bbox.x0, bbox.y0, bbox.x1, bbox.y1];
        for level in self.levels(0) {
            let positions = level.objectness.chunks_exact(OBJECTNESS).zip(level.corrections.chunks_exact(CORRECTIONS));
            for (objectness, codes) in positions {
                for (logit, code) in objectness[..PER_POSITION].iter().zip(codes.chunks_exact(4)) {
                    let Some(anchor) = boxes.next() else { return all };
                    let code = [code[0], code[1], code[2], code[3]];
                    let corrected = CODING.decode(code, anchor).clip(1.0, 1.0);
                    all.boxes.extend(corners(framing.fractions_to_photo(anchor)));
                    all.corrected.extend(corners(framing.fractions_to_photo(&corrected)));
                    all.corrections.extend(CODING.offsets(code));
                    all.classes.extend([0; TOP]);
                    all.scores.push(1.0 / (1.0 + (-logit).exp()));
                    all.scores.extend([0.0; TOP - 1]);
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;

    #[test]
    fn anchors_and_proposals_are_of_the_same_numbers() {
        let device = Device::flex();
        let output = |side: usize, logit: f32| RpnOutput {
            objectness: Tensor::full([1, side, side, OBJECTNESS], logit, &device),
            corrections: Tensor::zeros([1, side, side, CORRECTIONS], &device),
        };
        let outputs = [output(2, -9.0), output(1, -9.0), output(1, 0.0)];
        let reading = pollster::block_on(RpnReading::read(&outputs)).expect("finite");
        let anchors = reading.anchors(&Framing::squash((200, 100), (416, 416)));
        assert_eq!((anchors.len(), anchors.scores.len()), (6 * PER_POSITION, 6 * PER_POSITION * TOP));
        let rule = ProposalRule { before_suppression: PER_POSITION, ..ProposalRule::default() };
        for proposal in reading.proposals(0, &rule) {
            let index = proposal.anchor.expect("a network proposes by anchors") as usize;
            assert!(index >= 5 * PER_POSITION, "those of the last level are the likeliest");
            assert_eq!(anchors.top(index).next(), Some((0, 0.5)));
            assert_eq!(anchors.corrected(index), Some(proposal.bbox.scale(200.0, 100.0)));
        }
    }
}
