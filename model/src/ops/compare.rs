//! Comparison of a device's kernels with the references, and with loops on the host.
//!
//! Tests call it natively and in the browser, on random shapes. In the browser the CPU's module runs the references,
//! because the GPU's has only the kernels. A worker calls [`computes_right`] when it starts, because there are GPUs
//! (and drivers, and software adapters) that answer quickly and wrongly.

use burn::tensor::{Device, Tensor};

use super::{
    activation::Activation,
    conv_transpose::{self, conv_transpose},
    conv1x1::{self, conv1x1},
    conv2d::{self, conv2d},
    depthwise::{self, depthwise},
    packed_weights::PackedWeights,
    padding::{Padding, same_padding},
    ps_roi_pool::{self, ps_roi_pool},
    region::Region,
    roi_align::{self, roi_align},
    roi_pool::{self, roi_pool},
    tensor_from::tensor_from,
    weight_cache::WeightCache,
};
use crate::{
    device::{RunError, read},
    pack::quantization::MAX_LEVEL,
    random::Random,
    structures::boxes::BBox,
};

/// The output of one operator on one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Operator, shape and settings, in words.
    pub what: String,
    /// The numbers, row-major; their shape is part of `what`.
    pub values: Vec<f32>,
}

impl Outcome {
    /// The largest absolute difference from another outcome of the same case.
    ///
    /// # Panics
    /// When it is of another case.
    #[must_use]
    pub fn off(&self, other: &Self) -> f32 {
        assert_eq!(self.what, other.what);
        largest_difference(&self.values, &other.values)
    }
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0f32, |most, (a, b)| most.max((a - b).abs()))
}

/// An implementation of every operator that has kernels.
#[derive(Clone, Copy)]
pub struct Operators {
    conv1x1: fn(Tensor<4>, PackedWeights, Tensor<1>, Activation, Option<Tensor<4>>) -> Tensor<4>,
    depthwise: fn(Tensor<4>, Tensor<3>, Tensor<1>, usize, Activation) -> Tensor<4>,
    conv2d: fn(Tensor<4>, Tensor<4>, Tensor<1>, usize, Padding, Activation) -> Tensor<4>,
    conv_transpose: fn(Tensor<4>, Tensor<4>, Tensor<1>, Activation) -> Tensor<4>,
    roi_align: fn(Tensor<4>, &[Region], usize, usize) -> Tensor<4>,
    roi_pool: fn(Tensor<4>, &[Region], usize) -> Tensor<4>,
    ps_roi_pool: fn(Tensor<4>, &[Region], usize) -> Tensor<4>,
}

/// The kernels of the device that the tensors live on.
pub const KERNELS: Operators = Operators {
    conv1x1: |x, weight, bias, activation, residual| {
        conv1x1(x, weight, bias, activation, residual, &WeightCache::default())
    },
    depthwise,
    conv2d: |x, weight, bias, stride, padding, activation| {
        conv2d(x, weight, bias, stride, padding, activation, &WeightCache::default())
    },
    conv_transpose,
    roi_align,
    roi_pool,
    ps_roi_pool,
};

/// The references, in burn's own operations. Named in a module for the web, they become part of it.
pub const REFERENCES: Operators = Operators {
    conv1x1: |x, weight, bias, activation, residual| {
        conv1x1::reference::conv1x1(x, weight.unpack(), bias, activation, residual)
    },
    depthwise: depthwise::reference::depthwise,
    conv2d: conv2d::reference::conv2d,
    conv_transpose: conv_transpose::reference::conv_transpose,
    roi_align: roi_align::reference::roi_align,
    roi_pool: roi_pool::reference::roi_pool,
    ps_roi_pool: ps_roi_pool::reference::ps_roi_pool,
};

/// Shapes and operands.
impl Random {
    /// 1 to `most`.
    fn size(&mut self, most: usize) -> usize {
        self.below(most) + 1
    }

    fn tensor<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        let number = |_| self.below(2001) as f32 / 1000.0 - 1.0;
        let values: Vec<f32> = (0..shape.iter().product()).map(number).collect();
        tensor_from(values, shape, device)
    }

    /// Quantized weights up to 1, the largest level among them.
    fn packed_weights(&mut self, shape @ [_, c_out]: [usize; 2], device: &Device) -> PackedWeights {
        let level = |_| self.below(2 * MAX_LEVEL as usize + 1) as i16 - MAX_LEVEL;
        let levels: Vec<i16> = (0..shape.iter().product()).map(level).collect();
        let scales = (0..c_out).map(|_| self.size(1000) as f32 / 1000.0 / f32::from(MAX_LEVEL)).collect();
        PackedWeights::from_levels(&levels, scales, shape, device)
    }

    /// A region of one of some photos; it may leave the photo, and one in five has no area.
    fn region(&mut self, photos: usize) -> Region {
        let photo = self.below(photos);
        let mut fraction = |most| self.size(most) as f32 / 1000.0;
        let (x0, y0) = (fraction(1300) - 0.3, fraction(1300) - 0.3);
        let (width, height) = (fraction(900), fraction(900));
        let size = if self.size(5) == 1 { 0.0 } else { 1.0 };
        Region { photo, bbox: BBox::new(x0, y0, x0 + size * width, y0 + size * height) }
    }

    fn activation(&mut self) -> Activation {
        [Activation::Linear, Activation::Relu, Activation::Relu6][self.size(3) - 1]
    }

    /// Channels: half of the time a multiple of four, which the kernels treat apart.
    fn channels(&mut self) -> usize {
        let channels = self.size(70);
        if self.below(2) == 0 { channels.next_multiple_of(4) } else { channels }
    }
}

/// Runs every operator on random shapes: odd sizes, single pixels, any number of channels, batches. The same seed gives
/// the same inputs on every platform and device.
///
/// # Arguments
/// * `operators` - the implementation.
/// * `rounds` - shapes for each operator.
/// * `seed` - any number.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn outcomes(
    device: &Device,
    operators: Operators,
    rounds: usize,
    seed: u64,
) -> Result<Vec<Outcome>, RunError> {
    let mut random = Random::new(seed);
    let cases = [
        case_conv1x1,
        case_depthwise,
        case_conv2d,
        case_conv_transpose,
        case_roi_align,
        case_roi_pool,
        case_ps_roi_pool,
    ];
    let mut outcomes = Vec::with_capacity(cases.len() * rounds);
    for _ in 0..rounds {
        for case in cases {
            let (what, result) = case(&mut random, device, &operators);
            let what = format!("{what}, {:?} numbers", result.dims());
            let values = read(vec![result]).await?.swap_remove(0);
            outcomes.push(Outcome { what, values });
        }
    }
    Ok(outcomes)
}

fn case_conv1x1(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [n, h, w, c_in] = [random.size(3), random.size(24), random.size(24), random.channels()];
    let (c_out, activation) = (random.channels(), random.activation());
    let with_residual = random.below(2) == 0;
    let quantized = random.below(2) == 0;
    let x = random.tensor(shape, device);
    let weight = if quantized {
        random.packed_weights([c_in, c_out], device)
    } else {
        random.tensor([c_in, c_out], device).into()
    };
    let bias = random.tensor([c_out], device);
    let residual = with_residual.then(|| random.tensor([n, h, w, c_out], device));
    let what =
        format!("conv1x1 {shape:?} to {c_out}, {activation:?}, quantized: {quantized}, residual: {with_residual}");
    (what, (operators.conv1x1)(x, weight, bias, activation, residual))
}

fn case_depthwise(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [_, _, _, c] = [random.size(3), random.size(24), random.size(24), random.channels()];
    let (stride, activation) = (random.size(2), random.activation());
    let (x, weight, bias) =
        (random.tensor(shape, device), random.tensor([3, 3, c], device), random.tensor([c], device));
    let what = format!("depthwise {shape:?}, stride {stride}, {activation:?}");
    (what, (operators.depthwise)(x, weight, bias, stride, activation))
}

fn case_conv2d(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [_, _, _, c_in] = [random.size(2), random.size(24), random.size(24), random.size(9)];
    let (kernel, stride, activation) = ([1, 3, 5][random.size(3) - 1], random.size(2), random.activation());
    let fits = shape[1].min(shape[2]) >= kernel;
    let padding = if fits && random.size(2) == 1 { Padding::Valid } else { Padding::Same };
    let c_out = random.channels();
    let (x, weight) = (random.tensor(shape, device), random.tensor([kernel, kernel, c_in, c_out], device));
    let bias = random.tensor([c_out], device);
    let what = format!("conv2d {kernel}x{kernel} {shape:?} to {c_out}, stride {stride}, {padding:?}, {activation:?}");
    (what, (operators.conv2d)(x, weight, bias, stride, padding, activation))
}

fn case_conv_transpose(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [_, _, _, c_in] = [random.size(3), random.size(20), random.size(20), random.channels()];
    let (c_out, activation) = (random.channels(), random.activation());
    let (x, weight) = (random.tensor(shape, device), random.tensor([c_in, 2, 2, c_out], device));
    let bias = random.tensor([c_out], device);
    (
        format!("conv_transpose {shape:?} to {c_out}, {activation:?}"),
        (operators.conv_transpose)(x, weight, bias, activation),
    )
}

fn case_roi_align(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [n, _, _, _] = [random.size(3), random.size(24), random.size(24), random.channels()];
    let map = random.tensor(shape, device);
    let (side, samples) = (random.size(14), random.size(3));
    let regions: Vec<Region> = (0..random.size(6)).map(|_| random.region(n)).collect();
    let what = format!("roi_align {shape:?}, {side} bins of {samples} samples, {regions:?}");
    (what, (operators.roi_align)(map, &regions, side, samples))
}

fn case_roi_pool(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let shape @ [n, _, _, _] = [random.size(3), random.size(24), random.size(24), random.channels()];
    let (map, side) = (random.tensor(shape, device), random.size(14));
    let regions: Vec<Region> = (0..random.size(6)).map(|_| random.region(n)).collect();
    (format!("roi_pool {shape:?}, {side} bins, {regions:?}"), (operators.roi_pool)(map, &regions, side))
}

fn case_ps_roi_pool(random: &mut Random, device: &Device, operators: &Operators) -> (String, Tensor<4>) {
    let (side, scores) = (random.size(7), random.size(12));
    let shape @ [n, _, _, _] = [random.size(3), random.size(24), random.size(24), side * side * scores];
    let map = random.tensor(shape, device);
    let regions: Vec<Region> = (0..random.size(6)).map(|_| random.region(n)).collect();
    (format!("ps_roi_pool {shape:?}, {side} bins, {regions:?}"), (operators.ps_roi_pool)(map, &regions, side))
}

/// The largest difference in [`known_input`] of a device that computes right: in float32, and in float16 with its three
/// digits.
const TOLERANCE: [f32; 2] = [1e-3, 2e-2];

/// Whether a device computes right, in the precision that its networks have now.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn computes_right(device: &Device) -> Result<bool, RunError> {
    #[cfg(feature = "gpu")]
    let half = super::gpu::storage::is_half();
    #[cfg(not(feature = "gpu"))]
    let half = false;
    Ok(known_input(device).await? < TOLERANCE[usize::from(half)])
}

/// Runs a stem, a depthwise and a 1x1 convolution on a small known input.
///
/// # Returns
/// The largest absolute difference from the same three layers as loops on the host.
async fn known_input(device: &Device) -> Result<f32, RunError> {
    const SIDE: usize = 9;
    let wave = |len: usize, step: f32| (0..len).map(|i| (i as f32 * step).sin()).collect::<Vec<f32>>();
    let (x, stem, stem_bias) = (wave(SIDE * SIDE * 3, 0.37), wave(27 * 8, 0.73), wave(8, 1.1));
    let (filter, filter_bias) = (wave(9 * 8, 0.51), wave(8, 0.9));
    let (levels, projection_bias) = (wave(8 * 12, 0.29), wave(12, 0.7));
    let levels: Vec<i16> = levels.iter().map(|value| (value * f32::from(MAX_LEVEL)) as i16).collect();
    let scale = 1.0 / f32::from(MAX_LEVEL);
    let projection: Vec<f32> = levels.iter().map(|&level| f32::from(level) * scale).collect();
    let map = conv2d(
        tensor_from(x.clone(), [1, SIDE, SIDE, 3], device),
        tensor_from(stem.clone(), [3, 3, 3, 8], device),
        tensor_from(stem_bias.clone(), [8], device),
        2,
        Padding::Same,
        Activation::Relu6,
        &WeightCache::default(),
    );
    let map = depthwise(
        map,
        tensor_from(filter.clone(), [3, 3, 8], device),
        tensor_from(filter_bias.clone(), [8], device),
        1,
        Activation::Relu6,
    );
    let packed = PackedWeights::from_levels(&levels, vec![scale; 12], [8, 12], device);
    let packed_bias = tensor_from(projection_bias.clone(), [12], device);
    let map = conv1x1(map, packed, packed_bias, Activation::Linear, None, &WeightCache::default());
    let found = read(vec![map]).await?;

    let stem = Loops { kernel: 3, stride: 2, c_in: 3, c_out: 8, relu6: true }.run(&x, SIDE, &stem, &stem_bias);
    let side = SIDE.div_ceil(2);
    // A depthwise filter is a full one whose weights between different channels are 0.
    let spread: Vec<f32> =
        (0..9 * 8 * 8).map(|i| if i / 8 % 8 == i % 8 { filter[i / 64 * 8 + i % 8] } else { 0.0 }).collect();
    let filtered =
        Loops { kernel: 3, stride: 1, c_in: 8, c_out: 8, relu6: true }.run(&stem, side, &spread, &filter_bias);
    let expected = Loops { kernel: 1, stride: 1, c_in: 8, c_out: 12, relu6: false }.run(
        &filtered,
        side,
        &projection,
        &projection_bias,
    );
    Ok(largest_difference(&found[0], &expected))
}

/// A convolution as loops over its definition.
struct Loops {
    kernel: usize,
    stride: usize,
    c_in: usize,
    c_out: usize,
    relu6: bool,
}

impl Loops {
    /// `x` is `[side, side, c_in]`, `weight` `[kernel, kernel, c_in, c_out]`.
    fn run(&self, x: &[f32], side: usize, weight: &[f32], bias: &[f32]) -> Vec<f32> {
        let (out_side, before) = same_padding(side, self.kernel, self.stride);
        let mut out = Vec::with_capacity(out_side * out_side * self.c_out);
        for i in 0..out_side * out_side * self.c_out {
            let (cell, channel) = (i / self.c_out, i % self.c_out);
            let mut sum = bias[channel];
            for tap in 0..self.kernel * self.kernel {
                let y = (cell / out_side * self.stride + tap / self.kernel).wrapping_sub(before);
                let column = (cell % out_side * self.stride + tap % self.kernel).wrapping_sub(before);
                if y < side && column < side {
                    for c in 0..self.c_in {
                        let value = x[(y * side + column) * self.c_in + c];
                        sum += value * weight[(tap * self.c_in + c) * self.c_out + channel];
                    }
                }
            }
            out.push(if self.relu6 { Activation::Relu6.apply(sum) } else { sum });
        }
        out
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;

    #[test]
    fn kernels_agree_with_references_on_random_shapes() {
        let run = |operators| pollster::block_on(outcomes(&Device::flex(), operators, 60, 20_261_122)).unwrap();
        let (ours, theirs) = (run(KERNELS), run(REFERENCES));
        assert_eq!((ours.len(), theirs.len()), (7 * 60, 7 * 60), "seven operators");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let off = ours.off(theirs);
            assert!(off < 1e-4, "{} is off by {off}", ours.what);
        }
    }

    #[test]
    fn the_known_input_comes_out_right() {
        let off = pollster::block_on(known_input(&Device::flex())).unwrap();
        assert!(off < 1e-4, "off by {off}");
    }
}
