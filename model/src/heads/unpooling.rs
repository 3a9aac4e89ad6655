//! Small networks that tell things from the background pixel by pixel and differ in nothing but how their maps become larger
//! again: nearest neighbour, bed of nails, or max unpooling (Noh et al. 2015, "Learning Deconvolution Network for Semantic
//! Segmentation").

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    device::{RunError, read},
    nn::{
        Conv1x1, Conv2d,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, tensor_from},
    photo::{Framing, Photo, crop_at_centres},
    structures::{boxes::BBox, question::Unpooling},
};

/// Pixels of the input and of the mask along each axis.
pub const SIDE: usize = 96;
/// The scores of a pixel: background, thing.
pub const SCORES: usize = 2;
/// Cells of a pooled square, counted row by row.
pub const TAPS: usize = 4;
/// Samples of the photo along each axis that a pixel of the input is the mean of.
const SAMPLES: usize = 2;

/// Two poolings down, two unpoolings up, with convolutions between.
///
/// The way up reads pooled maps alone: what it knows of the places within their squares is what unpooling remembers.
#[derive(Module, Debug)]
pub struct UnpoolingNet {
    down_96: Conv2d,
    down_48: Conv2d,
    widen_24: Conv2d,
    narrow_24: Conv2d,
    up_48: Conv2d,
    up_96: Conv2d,
    classify: Conv1x1,
    #[module(skip)]
    way: Unpooling,
}

impl UnpoolingNet {
    /// Loads the layers, `{prefix}` before their names.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, way: Unpooling, device: &Device) -> Result<Self, WeightsError> {
        let conv = |name: &str, c_in: usize, c_out: usize| {
            let name = format!("{prefix}{name}");
            Conv2d::load(weights, &name, [3, 3, c_in, c_out], 1, Activation::Relu, device)
        };
        Ok(Self {
            down_96: conv("down_96", 3, 16)?,
            down_48: conv("down_48", 16, 32)?,
            widen_24: conv("widen_24", 32, 48)?,
            narrow_24: conv("narrow_24", 48, 32)?,
            up_48: conv("up_48", 32, 16)?,
            up_96: conv("up_96", 16, 8)?,
            classify: Conv1x1::load(weights, &format!("{prefix}classify"), (8, SCORES), Activation::Linear, device)?,
            way,
        })
    }

    /// How its maps become larger.
    #[must_use]
    pub const fn way(&self) -> Unpooling {
        self.way
    }

    /// The first pooling's input: `[batch, 96, 96, 3]` to `[batch, 96, 96, 16]`.
    #[must_use]
    pub fn before_pooling(&self, input: Tensor<4>) -> Tensor<4> {
        self.down_96.forward(input)
    }

    /// The second pooling's input: `[batch, 48, 48, 16]` to `[batch, 48, 48, 32]`.
    #[must_use]
    pub fn between_poolings(&self, pooled: Tensor<4>) -> Tensor<4> {
        self.down_48.forward(pooled)
    }

    /// From the second pooling to the first unpooling: `[batch, 24, 24, 32]` to the same shape.
    #[must_use]
    pub fn middle(&self, pooled: Tensor<4>) -> Tensor<4> {
        self.narrow_24.forward(self.widen_24.forward(pooled))
    }

    /// The second unpooling's input: `[batch, 48, 48, 32]` to `[batch, 48, 48, 16]`.
    #[must_use]
    pub fn between_unpoolings(&self, unpooled: Tensor<4>) -> Tensor<4> {
        self.up_48.forward(unpooled)
    }

    /// Logits of background and thing: `[batch, 96, 96, 16]` to `[batch, 96, 96, 2]`.
    #[must_use]
    pub fn logits(&self, unpooled: Tensor<4>) -> Tensor<4> {
        self.classify.forward(self.up_96.forward(unpooled), None)
    }

    /// Runs the network. Pooling and unpooling are on the host, whatever the device: the maps are small, and a build for the GPU
    /// alone has no kernel for them.
    ///
    /// # Arguments
    /// * `input` - `[batch, 96, 96, 3]`, see [`input`].
    ///
    /// # Returns
    /// 255 times the probability of a thing in each pixel, `[batch, 96, 96]`.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn masks(&self, input: Tensor<4>) -> Result<Vec<u8>, RunError> {
        let device = input.device();
        let (pooled_48, taps_48) = HostMap::read(self.before_pooling(input)).await?.pooled();
        let (pooled_24, taps_24) = HostMap::read(self.between_poolings(pooled_48.tensor(&device))).await?.pooled();
        let middle = HostMap::read(self.middle(pooled_24.tensor(&device))).await?;
        let at_48 = self.between_unpoolings(middle.unpooled(self.way, &taps_24).tensor(&device));
        let at_96 = HostMap::read(at_48).await?.unpooled(self.way, &taps_48).tensor(&device);
        let logits = read(vec![self.logits(at_96)]).await?.remove(0);
        let thing = |pixel: &[f32]| 1.0 / (1.0 + (pixel[0] - pixel[1]).exp());
        // In 0 to 255.
        Ok(logits.chunks_exact(SCORES).map(|pixel| (thing(pixel) * 255.0).round() as u8).collect())
    }
}

/// What a network reads of a part of a photo: RGB in `[-1, 1]`, each pixel the mean of four samples.
///
/// # Arguments
/// * `region` - in photo pixels.
///
/// # Returns
/// `[96, 96, 3]`.
#[must_use]
pub fn input(photo: &Photo, region: BBox) -> Vec<f32> {
    // A small number.
    let fine = (SIDE * SAMPLES) as u32;
    let samples = crop_at_centres(photo, &Framing::crop(region, (fine, fine)));
    let mut values = vec![-1.0; SIDE * SIDE * 3];
    for (at, rgb) in samples.chunks_exact(3).enumerate() {
        let (x, y) = (at % (SIDE * SAMPLES) / SAMPLES, at / (SIDE * SAMPLES) / SAMPLES);
        for (sum, value) in values[(y * SIDE + x) * 3..].iter_mut().zip(rgb) {
            *sum += value * (2.0 / 255.0 / (SAMPLES * SAMPLES) as f32);
        }
    }
    values
}

/// A batch of maps on the host.
#[derive(Clone, Debug, PartialEq)]
struct HostMap {
    /// `[batch, height, width, channels]`.
    shape: [usize; 4],
    values: Vec<f32>,
}

impl HostMap {
    async fn read(map: Tensor<4>) -> Result<Self, RunError> {
        Ok(Self { shape: map.dims(), values: read(vec![map]).await?.remove(0) })
    }

    fn tensor(self, device: &Device) -> Tensor<4> {
        tensor_from(self.values, self.shape, device)
    }

    /// Where the numbers of a cell of this map's larger counterpart begin.
    fn place(&self, cell: usize, tap: usize) -> usize {
        let [_, height, width, channels] = self.shape;
        let (row, x) = (cell / width, cell % width);
        let (photo, y) = (row / height, row % height);
        (((photo * height + y) * 2 + tap / 2) * 2 * width + 2 * x + tap % 2) * channels
    }

    /// Max pooling over squares of 2 x 2, whose sides are even.
    ///
    /// # Returns
    /// The maxima, and where in its square each of them was; of equal numbers the first counts.
    fn pooled(&self) -> (Self, Vec<u8>) {
        let [n, height, width, channels] = self.shape;
        let mut out = Self { shape: [n, height / 2, width / 2, channels], values: vec![] };
        let cells = n * (height / 2) * (width / 2);
        let mut taps = vec![0; cells * channels];
        out.values.reserve(cells * channels);
        for (cell, taps) in taps.chunks_exact_mut(channels).enumerate() {
            let squares = [0, 1, 2, 3].map(|tap| &self.values[out.place(cell, tap)..][..channels]);
            for (channel, best) in taps.iter_mut().enumerate() {
                for tap in 1..TAPS {
                    if squares[tap][channel] > squares[usize::from(*best)][channel] {
                        // At most 3.
                        *best = tap as u8;
                    }
                }
                out.values.push(squares[usize::from(*best)][channel]);
            }
        }
        (out, taps)
    }

    /// Squares of 2 x 2 in the place of each number.
    ///
    /// # Arguments
    /// * `taps` - where the maxima of a map of this shape were.
    fn unpooled(&self, way: Unpooling, taps: &[u8]) -> Self {
        let [n, height, width, channels] = self.shape;
        let mut out = Self { shape: [n, height * 2, width * 2, channels], values: vec![0.0; self.values.len() * TAPS] };
        for (at, (&value, &tap)) in self.values.iter().zip(taps).enumerate() {
            let (cell, channel) = (at / channels, at % channels);
            let mut put = |tap: usize| out.values[self.place(cell, tap) + channel] = value;
            match way {
                Unpooling::NearestNeighbour => (0..TAPS).for_each(put),
                Unpooling::BedOfNails => put(0),
                Unpooling::MaxUnpooling => put(tap.into()),
            }
        }
        out
    }
}

/// What a network was measured to be on photos that it was not trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Intersection over union of things.
    pub iou: f32,
    /// The mean distance in pixels of the mask between its boundary and the true one.
    pub boundary_error: f32,
    /// The share of boundary pixels next to, or on, the other boundary.
    pub near: f32,
}

impl Measured {
    /// The keys of its notes, after the prefix of the network.
    pub const NOTES: [&'static str; 3] = ["iou", "boundary-error", "near"];
}

/// The network by each way of unpooling, all trained alike.
#[derive(Debug)]
pub struct UnpoolingNets(pub Vec<(UnpoolingNet, Measured)>);

impl UnpoolingNets {
    /// The prefix of a network's tensors and notes: its place in [`Unpooling::ALL`].
    #[must_use]
    pub fn prefix(index: usize) -> String {
        format!("{index}.")
    }
}

impl Network for UnpoolingNets {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        let net = |(index, way): (usize, Unpooling)| {
            let prefix = Self::prefix(index);
            let [iou, boundary_error, near] = Measured::NOTES.map(|name| weights.number(&format!("{prefix}{name}")));
            let measured = Measured { iou: iou?, boundary_error: boundary_error?, near: near? };
            Ok((UnpoolingNet::load(&weights, &prefix, way, device)?, measured))
        };
        Unpooling::ALL.into_iter().enumerate().map(net).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use super::*;

    /// Two photos of 2 x 4 cells with two channels; the second channel is the first one turned round.
    fn map() -> HostMap {
        let first = [1.0, 5.0, 0.0, 0.0, 2.0, 3.0, 0.0, 7.0, 4.0, 4.0, 9.0, 8.0, 4.0, 1.0, 6.0, 0.5];
        let values = first.iter().zip(first.iter().rev()).flat_map(|(&a, &b)| [a, b]).collect();
        HostMap { shape: [2, 2, 4, 2], values }
    }

    #[test]
    fn pooling_and_unpooling_by_hand() {
        let (pooled, taps) = map().pooled();
        assert_eq!(pooled.shape, [2, 1, 2, 2]);
        assert_eq!(pooled.values, [5.0, 9.0, 7.0, 4.0, 4.0, 7.0, 9.0, 5.0]);
        // Of several that are the largest, the first.
        assert_eq!(taps, [1, 3, 3, 1, 0, 0, 0, 2]);
        let at = |way| {
            let out = pooled.unpooled(way, &taps);
            assert_eq!(out.shape, [2, 2, 4, 2]);
            out.values.iter().step_by(2).copied().collect::<Vec<_>>()
        };
        let nearest = [5., 5., 7., 7., 5., 5., 7., 7., 4., 4., 9., 9., 4., 4., 9., 9.];
        assert_eq!(at(Unpooling::NearestNeighbour), nearest);
        assert_eq!(at(Unpooling::BedOfNails), [5., 0., 7., 0., 0., 0., 0., 0., 4., 0., 9., 0., 0., 0., 0., 0.]);
        assert_eq!(at(Unpooling::MaxUnpooling), [0., 5., 0., 0., 0., 0., 0., 7., 4., 0., 9., 0., 0., 0., 0., 0.]);
    }

    #[test]
    fn the_input_is_the_photo_s_mean_around_each_pixel() {
        // Every second column is white.
        let rgb = (0..4 * SIDE * SIDE).flat_map(|i| [if i % 2 == 0 { 0 } else { 255 }; 3]).collect();
        let photo = Photo::from_rgb(2 * SIDE as u32, 2 * SIDE as u32, rgb).expect("as many pixels");
        let whole = input(&photo, BBox::new(0.0, 0.0, 192.0, 192.0));
        assert_eq!(whole.len(), SIDE * SIDE * 3);
        assert!(whole.iter().all(|value| value.abs() < 1e-5));
        let column = input(&photo, BBox::new(1.45, 0.0, 1.55, 192.0));
        assert!(column.iter().all(|&value| value > 0.85), "the middle of a white column");
    }

    #[test]
    fn the_three_have_the_same_numbers_to_learn_and_say_something_else() {
        let weights = |way| UnpoolingNet::load(&Weights::untrained(3), "", way, &Device::flex()).expect("no file");
        let nets = Unpooling::ALL.map(weights);
        assert!(nets.iter().all(|net| net.num_params() == 38_618), "{}", nets[0].num_params());
        let values = (0..SIDE * SIDE * 3).map(|i| ((i * 37 % 101) as f32 / 50.0) - 1.0).collect();
        let x = tensor_from(values, [1, SIDE, SIDE, 3], &Device::flex());
        let masks = nets.each_ref().map(|net| pollster::block_on(net.masks(x.clone())).expect("no failure"));
        assert!(masks.iter().all(|mask| mask.len() == SIDE * SIDE));
        assert!(masks[0] != masks[1] && masks[1] != masks[2] && masks[0] != masks[2]);
    }
}
