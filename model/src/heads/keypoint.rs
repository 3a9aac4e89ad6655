//! MoveNet's neck and heads: a feature pyramid to stride 4 and four maps from which one person's joints are read
//! (CenterNet, Zhou et al. 2019, "Objects as Points", section 6.2; feature pyramid, Lin et al. 2017).

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::{Features, TOP},
    nn::{
        Conv1x1, SeparableConv2d,
        weights::{Weights, WeightsError},
    },
    ops::{Activation, bilinear_double},
    structures::skeleton::JOINTS,
};

/// Channels of the pyramid, coarsest first, as they enter each merge; the last is the pyramid's output.
const PYRAMID: [usize; 4] = [64, 32, 24, 24];

/// Without activation after the depthwise convolution, with ReLU after the 1x1 convolution.
const ACTIVATIONS: [Activation; 2] = [Activation::Linear, Activation::Relu];

/// From the backbone's four strides to one map at stride 4 with 24 channels.
#[derive(Module, Debug)]
pub struct FeaturePyramid {
    /// 1x1, coarsest first.
    lateral: Vec<Conv1x1>,
    /// After each of the three merges.
    smooth: Vec<SeparableConv2d>,
}

impl FeaturePyramid {
    /// Loads `{name}.lateral.N` and `{name}.smooth.N.{depthwise,pointwise}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let sides = [(TOP, 64), (64, 64), (32, 32), (24, 24)];
        let mut lateral = Vec::with_capacity(sides.len());
        for (i, shape) in sides.into_iter().enumerate() {
            lateral.push(Conv1x1::load(weights, &format!("{name}.lateral.{i}"), shape, Activation::Linear, device)?);
        }
        let mut smooth = Vec::with_capacity(3);
        for i in 0..3 {
            let (prefix, shape) = (format!("{name}.smooth.{i}."), (PYRAMID[i], PYRAMID[i + 1]));
            smooth.push(SeparableConv2d::load(weights, &prefix, shape, ACTIVATIONS, device)?);
        }
        Ok(Self { lateral, smooth })
    }

    /// `[batch, side / 4, side / 4, 24]`.
    #[must_use]
    pub fn forward(&self, features: Features) -> Tensor<4> {
        let Features { stride_4, stride_8, stride_16_early, stride_32, .. } = features;
        let mut x = self.lateral[0].forward(stride_32, None);
        for (i, map) in [stride_16_early, stride_8, stride_4].into_iter().enumerate() {
            // The lateral convolution adds the upsampled map as its residual.
            x = self.smooth[i].forward(self.lateral[i + 1].forward(map, Some(bilinear_double(x))));
        }
        x
    }
}

/// The four heads.
#[derive(Module, Debug)]
pub struct KeypointHeads {
    centre: (SeparableConv2d, Conv1x1),
    regression: (SeparableConv2d, Conv1x1),
    heatmaps: (SeparableConv2d, Conv1x1),
    offsets: (SeparableConv2d, Conv1x1),
}

/// The heads' raw maps, `[batch, side / 4, side / 4, ...]` with up to three channels of padding.
#[derive(Clone, Debug)]
pub struct KeypointMaps {
    /// One logit: is this the centre of a person?
    pub centre: Tensor<4>,
    /// 34 numbers: from this centre to each joint, `(dy, dx)` in cells.
    pub regression: Tensor<4>,
    /// 17 logits: is this the joint?
    pub heatmaps: Tensor<4>,
    /// 34 numbers: from this cell to the exact place of each joint, `(dy, dx)` in cells.
    pub offsets: Tensor<4>,
}

impl KeypointHeads {
    /// Loads `{name}.{centre,regression,heatmaps,offsets}.{depthwise,pointwise,out}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let head = |part: &str, channels: usize| {
            let prefix = format!("{name}.{part}.");
            Ok((
                SeparableConv2d::load(weights, &prefix, (24, 96), ACTIVATIONS, device)?,
                Conv1x1::load_padded(weights, &format!("{prefix}out"), (96, channels), device)?,
            ))
        };
        Ok(Self {
            centre: head("centre", 1)?,
            regression: head("regression", 2 * JOINTS)?,
            heatmaps: head("heatmaps", JOINTS)?,
            offsets: head("offsets", 2 * JOINTS)?,
        })
    }

    /// The four maps of a pyramid's output.
    #[must_use]
    pub fn forward(&self, x: &Tensor<4>) -> KeypointMaps {
        let run = |(hidden, out): &(SeparableConv2d, Conv1x1)| out.forward(hidden.forward(x.clone()), None);
        KeypointMaps {
            centre: run(&self.centre),
            regression: run(&self.regression),
            heatmaps: run(&self.heatmaps),
            offsets: run(&self.offsets),
        }
    }
}

/// One map of one crop on the host.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    /// Row-major cells, `stride` numbers each.
    pub values: &'a [f32],
    /// Numbers a cell.
    pub stride: usize,
}

impl Map<'_> {
    /// A number of a cell.
    #[must_use]
    pub fn at(&self, cell: usize, channel: usize) -> f32 {
        self.values[cell * self.stride + channel]
    }
}

/// One crop's four maps on the host, `side * side` cells each.
#[derive(Clone, Copy, Debug)]
pub struct KeypointValues<'a> {
    /// See [`KeypointMaps::centre`].
    pub centre: Map<'a>,
    /// See [`KeypointMaps::regression`].
    pub regression: Map<'a>,
    /// See [`KeypointMaps::heatmaps`].
    pub heatmaps: Map<'a>,
    /// See [`KeypointMaps::offsets`].
    pub offsets: Map<'a>,
    /// Cells a row (48 for 192 pixels).
    pub side: usize,
}

/// A joint in fractions of the crop, with its probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CropJoint {
    /// 0 is the left edge, 1 the right.
    pub x: f32,
    /// 0 is the top edge, 1 the bottom.
    pub y: f32,
    /// 0 to 1.
    pub score: f32,
}

/// Cells that soften the preference for the crop's centre and for the regressed place: MoveNet divides by
/// "distance + 1.8".
const SOFTENING: f32 = 1.8;

/// Reads one person's joints from the maps.
///
/// 1. The person: the cell whose centre score, divided by its distance from the crop's centre, is best.
/// 2. Their joints, roughly: that cell's regression.
/// 3. Each joint: the cell whose heat, divided by its distance from the rough place, is best.
/// 4. Exactly: that cell plus its offset. The score is the heat there.
#[must_use]
pub fn decode(maps: &KeypointValues<'_>) -> [CropJoint; JOINTS] {
    decode_cells(maps).map(|(_, joint)| joint)
}

/// As [`decode`], with the cell of the heat map that each joint was read from.
#[must_use]
pub fn decode_cells(maps: &KeypointValues<'_>) -> [(usize, CropJoint); JOINTS] {
    let side = maps.side;
    let middle = (side / 2) as f32;
    let person = best_cell(side, |cell| sigmoid(maps.centre.at(cell, 0)), (middle, middle));
    std::array::from_fn(|joint| {
        let rough = (
            (person % side) as f32 + maps.regression.at(person, 2 * joint + 1),
            (person / side) as f32 + maps.regression.at(person, 2 * joint),
        );
        let cell = best_cell(side, |cell| sigmoid(maps.heatmaps.at(cell, joint)), rough);
        let place = CropJoint {
            x: ((cell % side) as f32 + maps.offsets.at(cell, 2 * joint + 1)) / side as f32,
            y: ((cell / side) as f32 + maps.offsets.at(cell, 2 * joint)) / side as f32,
            score: sigmoid(maps.heatmaps.at(cell, joint)),
        };
        (cell, place)
    })
}

/// The cell with the best `score / (distance from (x, y) + 1.8)`; the first of equals.
fn best_cell(side: usize, score: impl Fn(usize) -> f32, (x, y): (f32, f32)) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for cell in 0..side * side {
        let (dx, dy) = ((cell % side) as f32 - x, (cell / side) as f32 - y);
        let value = score(cell) / ((dx * dx + dy * dy).sqrt() + SOFTENING);
        if value > best.1 {
            best = (cell, value);
        }
    }
    best.0
}

/// The logistic function.
#[must_use]
pub fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people in a crop: the one in the middle wins though the other has the better score, and a far peak of heat
    /// loses against a lower one at the regressed place.
    #[test]
    fn decode_prefers_the_middle_and_the_regressed_place() {
        let side = 8;
        let cells = side * side;
        let mut centre = vec![-9.0; cells];
        centre[4 * side + 4] = 1.0;
        centre[0] = 3.0;
        let mut regression = vec![0.0; cells * 34];
        regression[(4 * side + 4) * 34] = -2.0; // the nose is two cells up
        let mut heatmaps = vec![-9.0; cells * 17];
        heatmaps[(2 * side + 4) * 17] = 0.5;
        heatmaps[(7 * side) * 17] = 2.0;
        let mut offsets = vec![0.0; cells * 34];
        offsets[(2 * side + 4) * 34 + 1] = 0.4;
        let map = |values| Map { values, stride: 17 };
        let joints = decode(&KeypointValues {
            centre: Map { values: &centre, stride: 1 },
            regression: Map { values: &regression, stride: 34 },
            heatmaps: map(&heatmaps),
            offsets: Map { values: &offsets, stride: 34 },
            side,
        });
        assert!((joints[0].x - 4.4 / 8.0).abs() < 1e-6 && (joints[0].y - 2.0 / 8.0).abs() < 1e-6);
        assert!((joints[0].score - sigmoid(0.5)).abs() < 1e-6);
    }
}
