//! SSD's head (Liu et al. 2016, "SSD: Single Shot MultiBox Detector"), in the depthwise form of SSDLite (Sandler et al.
//! 2018, section 6.2): default boxes on six feature maps, and for each a correction and a score a class.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::TOP,
    nn::{
        Conv1x1, DepthwiseConv2d, SeparableConv2d,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
    proposals::default_boxes::BOXES_PER_POSITION,
    structures::{
        boxes::{BBox, BoxCoding, Candidate},
        classes,
    },
};

/// Score columns of a default box: those of [`classes::COCO`], in its order. The network as it was published has eleven
/// more, for the background and for ids that COCO never used; with sigmoids they say nothing about the others, and the
/// converter leaves them out.
pub const SCORES: usize = classes::COCO.len();

/// Channels of the six feature maps: two of the backbone, four of the extra layers.
pub const MAP_CHANNELS: [usize; 6] = [576, TOP, 512, 256, 256, 128];

/// Squeezed channels of the four extra layers.
const SQUEEZE: [usize; 4] = [256, 128, 128, 64];

/// The four extra maps beyond the backbone, each half as large as the one before: squeeze, depthwise stride 2, expand.
#[derive(Module, Debug)]
pub struct ExtraLayers {
    layers: Vec<(Conv1x1, DepthwiseConv2d, Conv1x1)>,
}

impl ExtraLayers {
    /// Loads `{name}.N.{squeeze,depthwise,expand}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let mut layers = Vec::with_capacity(4);
        for i in 0..4 {
            let (c_in, c_mid, c_out) = (MAP_CHANNELS[i + 1], SQUEEZE[i], MAP_CHANNELS[i + 2]);
            let act = Activation::Relu6;
            layers.push((
                Conv1x1::load(weights, &format!("{name}.{i}.squeeze"), (c_in, c_mid), act, device)?,
                DepthwiseConv2d::load(weights, &format!("{name}.{i}.depthwise"), c_mid, 2, Activation::Relu6, device)?,
                Conv1x1::load(weights, &format!("{name}.{i}.expand"), (c_mid, c_out), act, device)?,
            ));
        }
        Ok(Self { layers })
    }

    /// From the stride-32 map (`[batch, height, width, 1280]`) to the four maps beyond it.
    #[must_use]
    pub fn forward(&self, stride_32: Tensor<4>) -> Vec<Tensor<4>> {
        let mut x = stride_32;
        let mut maps = Vec::with_capacity(self.layers.len());
        for (squeeze, depthwise, expand) in &self.layers {
            x = expand.forward(depthwise.forward(squeeze.forward(x, None)), None);
            maps.push(x.clone());
        }
        maps
    }
}

/// The pair of heads on one map.
#[derive(Module, Debug)]
struct MapHead {
    boxes: SeparableConv2d,
    classes: SeparableConv2d,
}

/// The six pairs of heads.
#[derive(Module, Debug)]
pub struct SingleShotHead {
    maps: Vec<MapHead>,
}

/// The head's raw output on one map.
#[derive(Clone, Debug)]
pub struct MapOutput {
    /// `[batch, height, width, boxes * 4]`: `ty, tx, th, tw` of each default box.
    pub codes: Tensor<4>,
    /// `[batch, height, width, boxes * 80]`: logits of each default box.
    pub logits: Tensor<4>,
}

impl SingleShotHead {
    /// Loads `{name}.N.{box,class}_{depthwise,pointwise}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let mut maps = Vec::with_capacity(6);
        for (i, (&channels, boxes)) in MAP_CHANNELS.iter().zip(BOXES_PER_POSITION).enumerate() {
            let load = |part: &str, numbers: usize| {
                let (prefix, shape) = (format!("{name}.{i}.{part}_"), (channels, boxes * numbers));
                SeparableConv2d::load(weights, &prefix, shape, [Activation::Relu6, Activation::Linear], device)
            };
            maps.push(MapHead { boxes: load("box", 4)?, classes: load("class", SCORES)? });
        }
        Ok(Self { maps })
    }

    /// As [`SingleShotHead::forward`], the box codes only.
    #[must_use]
    pub fn codes(&self, maps: &[Tensor<4>]) -> Vec<Tensor<4>> {
        self.maps.iter().zip(maps).map(|(head, map)| head.boxes.forward(map.clone())).collect()
    }

    /// As [`SingleShotHead::forward`], the logits only.
    #[must_use]
    pub fn logits(&self, maps: &[Tensor<4>]) -> Vec<Tensor<4>> {
        self.maps.iter().zip(maps).map(|(head, map)| head.classes.forward(map.clone())).collect()
    }

    /// Six feature maps, finest first, to six outputs.
    #[must_use]
    pub fn forward(&self, maps: &[Tensor<4>]) -> Vec<MapOutput> {
        let outputs = self.codes(maps).into_iter().zip(self.logits(maps));
        outputs.map(|(codes, logits)| MapOutput { codes, logits }).collect()
    }
}

/// One map's raw output on the host.
#[derive(Clone, Debug)]
pub struct MapValues {
    /// `boxes * 4` numbers a position.
    pub codes: Vec<f32>,
    /// `boxes * 80` numbers a position.
    pub logits: Vec<f32>,
}

/// Turns raw outputs into scored boxes.
///
/// # Arguments
/// * `maps` - the six maps' outputs for one photo.
/// * `priors` - from [`default_boxes`](crate::proposals::default_boxes::default_boxes).
/// * `min_score` - guesses with a lower probability are left out (0 to 1, exclusive).
///
/// # Returns
/// Boxes in fractions of the photo, unclipped, one for each class of a default box that is likely enough.
#[must_use]
pub fn decode(maps: &[MapValues], priors: &[BBox], min_score: f32) -> Vec<Candidate> {
    // Scores are sigmoids: comparing logits leaves the exponential to the few that matter.
    let min_logit = (min_score / (1.0 - min_score)).ln();
    let mut found = Vec::new();
    let mut prior = 0;
    for map in maps {
        for (code, logits) in map.codes.chunks_exact(4).zip(map.logits.chunks_exact(SCORES)) {
            for (&logit, (class, _)) in logits.iter().zip(classes::COCO) {
                if logit >= min_logit {
                    let bbox = BoxCoding::SSD.decode([code[0], code[1], code[2], code[3]], &priors[prior]);
                    let score = 1.0 / (1.0 + (-logit).exp());
                    found.push(Candidate { bbox, class, score, prior: prior as u32 });
                }
            }
            prior += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_reads_the_right_column() {
        let mut logits = vec![-9.0; SCORES];
        logits[16] = 2.0; // dog: COCO never used id 12
        let map = MapValues { codes: vec![0.0; 4], logits };
        let prior = BBox::new(0.1, 0.2, 0.3, 0.6);
        let found = decode(&[map], &[prior], 0.05);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].class, found[0].prior), (18, 0));
        assert!((found[0].score - 0.880_797).abs() < 1e-5);
        assert!(found[0].bbox.iou(&prior) > 0.9999);
    }
}
