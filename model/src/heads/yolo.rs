//! YOLO's head (Redmon et al. 2016, "You Only Look Once: Unified, Real-Time Object Detection"): a coarse grid over the photo, and
//! for each cell a few boxes with a confidence each and one class for all of them.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::relu},
};

use crate::{
    backbone::{Features, TOP},
    device::{RunError, read},
    nn::{
        Conv1x1, Conv2d,
        weights::{Network, Weights, WeightsError},
    },
    ops::Activation,
    structures::{
        boxes::{BBox, Candidate},
        classes::COCO,
    },
};

/// Side of the network's square input, in pixels: its maps at strides 16 and 32 have 18 x 18 and 9 x 9 cells.
pub const INPUT: usize = 288;
/// Cells of the grid along each axis.
pub const SIDE: usize = 7;
/// Boxes of a cell.
pub const BOXES: usize = 2;
/// Numbers of a box: centre, size and confidence.
pub const BOX_NUMBERS: usize = 5;
/// Numbers of a cell: its boxes, then a number for each class of [`COCO`].
pub const NUMBERS: usize = BOXES * BOX_NUMBERS + COCO.len();
/// [`NUMBERS`] with padding that nobody reads: the GPU works on whole vectors of four.
pub const OUTPUTS: usize = NUMBERS.next_multiple_of(4);

/// Channels of the map at stride 32 as the head reads it.
const TOP_CHANNELS: usize = 192;
/// Channels of the map at stride 16; four cells of it become one.
const WIDE_CHANNELS: usize = 32;
/// Channels of the map at stride 16 in the backbone.
const WIDE: usize = 576;
/// Channels of the head's 3x3 convolutions.
const HIDDEN: usize = 256;

/// The two coarsest maps of the backbone joined, two 3x3 convolutions, and a 1x1 convolution to the cells' numbers.
///
/// The paper has two fully connected layers of some 180 million weights there, which would be learnt by heart from a few
/// thousand photos and take minutes to load.
#[derive(Module, Debug)]
pub struct YoloHead {
    top: Conv1x1,
    scene: Conv1x1,
    wide: Conv1x1,
    join: Conv2d,
    grid: Conv2d,
    cells: Conv1x1,
}

impl YoloHead {
    /// Loads `{top,scene,wide,join,grid,cells}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn from_weights(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let pointwise = |name: &str, shape: (usize, usize), activation: Activation| {
            Conv1x1::load(weights, name, shape, activation, device)
        };
        let window =
            |name: &str, c_in: usize| Conv2d::load(weights, name, [3, 3, c_in, HIDDEN], 1, Activation::Relu, device);
        Ok(Self {
            top: pointwise("top", (TOP, TOP_CHANNELS), Activation::Linear)?,
            scene: pointwise("scene", (TOP, TOP_CHANNELS), Activation::Linear)?,
            wide: pointwise("wide", (WIDE, WIDE_CHANNELS), Activation::Relu)?,
            join: window("join", TOP_CHANNELS + 4 * WIDE_CHANNELS)?,
            grid: window("grid", HIDDEN)?.unpadded(),
            cells: pointwise("cells", (HIDDEN, OUTPUTS), Activation::Linear)?,
        })
    }

    /// The numbers of all cells.
    ///
    /// # Arguments
    /// * `features` - of [`INPUT`] pixels a side.
    ///
    /// # Returns
    /// `[batch, 7, 7, OUTPUTS]`: [`BOX_NUMBERS`] logits of each box, then those of the classes, then padding.
    #[must_use]
    pub fn forward(&self, features: &Features) -> Tensor<4> {
        self.forward_with(features, |map| map)
    }

    /// As [`YoloHead::forward`], with something done to the map before the last layer: dropout, while it learns.
    pub(crate) fn forward_with(&self, features: &Features, last: impl FnOnce(Tensor<4>) -> Tensor<4>) -> Tensor<4> {
        let [n, height, width, channels] = features.stride_32.dims();
        // What kind of scene it is, the same in every cell: the paper's fully connected layers see the whole photo, too.
        let scene = features.stride_32.clone().reshape([n, height * width, channels]).mean_dim(1);
        let scene = self.scene.forward(scene.reshape([n, 1, 1, channels]), None);
        let top = relu(self.top.forward(features.stride_32.clone(), None) + scene);
        let wide = space_to_depth(self.wide.forward(features.stride_16_wide.clone(), None));
        let joined = self.join.forward(Tensor::cat(vec![top, wide], 3));
        // Without padding, a 3x3 window makes 7 x 7 cells of 9 x 9, each of which sees the part of the photo it stands for.
        self.cells.forward(last(self.grid.forward(joined)), None)
    }
}

impl Network for YoloHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::from_weights(&Weights::from_bytes(bytes)?, device)
    }
}

/// The channels of each 2x2 cells behind each other: `[batch, h, w, c]` to `[batch, h / 2, w / 2, 4 * c]`.
fn space_to_depth(x: Tensor<4>) -> Tensor<4> {
    let [n, height, width, channels] = x.dims();
    let (rows, columns) = (height / 2, width / 2);
    let x = x.reshape([n, rows, 2, columns, 2, channels]).swap_dims(2, 3);
    x.reshape([n, rows, columns, 4 * channels])
}

/// What a cell's numbers say, as probabilities and places.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// In fractions of the photo.
    pub boxes: [BBox; BOXES],
    /// How sure each box is that it holds an object, and how well: its intersection over union with the true box.
    pub confidences: [f32; BOXES],
    /// The probability of each class of [`COCO`], given that there is an object.
    pub classes: Vec<f32>,
}

/// Reads the cells of the photos of a batch, row by row.
///
/// # Arguments
/// * `output` - as [`YoloHead::forward`] returns it.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn cells(output: Tensor<4>) -> Result<Vec<Vec<Cell>>, RunError> {
    let values = read(vec![output]).await?;
    let photos = values[0].chunks_exact(SIDE * SIDE * OUTPUTS);
    Ok(photos.map(|photo| photo.chunks_exact(OUTPUTS).enumerate().map(|(i, cell)| decode(i, cell)).collect()).collect())
}

/// Turns the numbers of a cell into places and probabilities.
///
/// # Arguments
/// * `index` - which cell, row by row.
/// * `logits` - at least [`NUMBERS`].
#[must_use]
pub fn decode(index: usize, logits: &[f32]) -> Cell {
    let side = SIDE as f32;
    let (column, row) = ((index % SIDE) as f32, (index / SIDE) as f32);
    let number = |at: usize| sigmoid(logits[at]);
    let boxes = std::array::from_fn(|i| {
        let at = i * BOX_NUMBERS;
        let (x, y) = ((column + number(at)) / side, (row + number(at + 1)) / side);
        // The square roots of the sizes are learnt: a small box must be more exact than a large one.
        let (half_width, half_height) = (number(at + 2).powi(2) / 2.0, number(at + 3).powi(2) / 2.0);
        BBox::new(x - half_width, y - half_height, x + half_width, y + half_height)
    });
    let confidences = std::array::from_fn(|i| number(i * BOX_NUMBERS + 4));
    let classes = &logits[BOXES * BOX_NUMBERS..NUMBERS];
    let largest = classes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = classes.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    Cell { boxes, confidences, classes: powers.into_iter().map(|power| power / sum).collect() }
}

/// The detections of a photo before suppression: each box with each class of its cell.
///
/// # Returns
/// Boxes in fractions of the photo, inside it, with a score (confidence times probability of the class) of at least
/// `min_score`; their priors are `cell * BOXES + box`.
#[must_use]
pub fn detections(cells: &[Cell], min_score: f32) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (i, cell) in cells.iter().enumerate() {
        for (b, (bbox, confidence)) in cell.boxes.iter().zip(cell.confidences).enumerate() {
            let scores = COCO.iter().zip(&cell.classes).map(|(&(class, _), chance)| (class, confidence * chance));
            // 98 boxes have numbers that fit.
            let prior = (i * BOXES + b) as u32;
            let likely = scores.filter(|&(_, score)| score >= min_score);
            found.extend(likely.map(|(class, score)| Candidate { bbox: bbox.clip(1.0, 1.0), class, score, prior }));
        }
    }
    found
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_by_hand() {
        let mut logits = vec![0.0; OUTPUTS];
        logits[4] = 9.0; // the first box is sure
        logits[9] = -9.0; // the second is not
        logits[BOXES * BOX_NUMBERS + 16] = 20.0; // dog
        logits[NUMBERS] = 99.0; // padding
        let cell = decode(SIDE + 2, &logits);
        // Centred in the third cell of the second row, a quarter of the photo wide and high.
        let (x, y) = (2.5 / 7.0, 1.5 / 7.0);
        for (found, expected) in
            [cell.boxes[0].x0, cell.boxes[0].y0, cell.boxes[0].x1].into_iter().zip([x - 0.125, y - 0.125, x + 0.125])
        {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
        let found = detections(&[cell.clone(), cell], 0.05);
        assert_eq!(found.iter().map(|it| (it.class, it.prior)).collect::<Vec<_>>(), [(18, 0), (18, 2)]);
        assert!((found[0].score - 0.9999).abs() < 1e-3);
    }

    #[test]
    fn four_cells_become_one() {
        let x = Tensor::<1>::from_floats([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], &Device::flex());
        let folded: Vec<f32> = space_to_depth(x.reshape([1, 2, 4, 1])).into_data().try_into_vec().expect("floats");
        assert_eq!(folded, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
    }

    #[test]
    fn the_grid_has_seven_cells_a_side() {
        let device = Device::flex();
        let head = YoloHead::from_weights(&Weights::untrained(1), &device).expect("every shape");
        let map = |side: usize, channels: usize| Tensor::<4>::ones([2, side, side, channels], &device);
        let features = Features {
            stride_16_wide: map(INPUT / 16, WIDE),
            stride_32: map(INPUT / 32, TOP),
            ..Features::unused(&device)
        };
        let output = head.forward(&features);
        assert_eq!(output.dims(), [2, SIDE, SIDE, OUTPUTS]);
        let cells = pollster::block_on(cells(output)).expect("the CPU does not fail");
        assert_eq!((cells.len(), cells[1].len()), (2, SIDE * SIDE));
    }
}
