//! The end of the backbone as a network of its own: what a system trains for itself, while the rest stays shared.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{BLOCKS, Bottleneck, MobileNetV2, STRIDE_16_EXPANSION, TOP};
use crate::{
    nn::{
        Conv1x1,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
};

/// Channels of the map that it begins at.
const WIDE: usize = 576;

/// MobileNetV2 from the wide map at stride 16 on: the rest of block 13, three blocks, and the last 1x1 convolution.
#[derive(Module, Debug)]
pub struct BackboneTail {
    blocks: Vec<Bottleneck>,
    top: Conv1x1,
}

impl BackboneTail {
    /// Loads `{name}.blocks.N.{expand,depthwise,project}`, where block 0 has no `expand`, and `{name}.top`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let mut blocks = Vec::new();
        let mut c_in = WIDE;
        for (i, &(expansion, c_out, stride)) in BLOCKS[STRIDE_16_EXPANSION..].iter().enumerate() {
            // The first block's input is expanded already.
            let expansion = if i == 0 { 1 } else { expansion };
            let block = (expansion, c_out, stride);
            blocks.push(Bottleneck::load(weights, &format!("{name}.blocks.{i}"), c_in, block, device)?);
            c_in = c_out;
        }
        let top = Conv1x1::load(weights, &format!("{name}.top"), (c_in, TOP), Activation::Relu6, device)?;
        Ok(Self { blocks, top })
    }

    /// The same network with depthwise filters that do not learn: their gradient takes longer than all others, and they are
    /// 2 % of the numbers.
    #[must_use]
    pub fn with_fixed_filters(self) -> Self {
        let fixed = |block: Bottleneck| Bottleneck { depthwise: block.depthwise.no_grad(), ..block };
        Self { blocks: self.blocks.into_iter().map(fixed).collect(), top: self.top }
    }

    /// The map at stride 32.
    ///
    /// # Arguments
    /// * `wide` - [`super::Features::stride_16_wide`], `[batch, height, width, 576]`.
    ///
    /// # Returns
    /// `[batch, ceil(height / 2), ceil(width / 2), 1280]`.
    #[must_use]
    pub fn forward(&self, wide: Tensor<4>) -> Tensor<4> {
        let x = self.blocks.iter().fold(wide, |x, block| block.forward(x).0);
        self.top.forward(x, None)
    }
}

impl MobileNetV2 {
    /// The end of this network, with its weights.
    #[must_use]
    pub fn tail(&self) -> BackboneTail {
        let mut blocks = self.blocks[STRIDE_16_EXPANSION..].to_vec();
        blocks[0].expand = None;
        BackboneTail { blocks, top: self.top.clone() }
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::{nn::weights::Pack, random::Random};

    fn random(shape: [usize; 4], seed: u64) -> TensorData {
        let (mut random, count) = (Random::new(seed), shape.iter().product::<usize>());
        TensorData::new((0..count).map(|_| random.normal()).collect::<Vec<f32>>(), shape)
    }

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().expect("float32 here")
    }

    fn untrained() -> MobileNetV2 {
        MobileNetV2::load(&Weights::untrained(1), "backbone", &Device::flex()).expect("every shape is there")
    }

    #[test]
    fn it_continues_the_backbone_to_the_last_bit() {
        let (backbone, device) = (untrained(), Device::flex());
        let features = backbone.forward(Tensor::from_data(random([1, 75, 60, 3], 2), &device));
        let expected = numbers(features.stride_32);
        assert!(expected.iter().any(|&it| it > 0.0));
        let tail = backbone.tail();
        assert_eq!(numbers(tail.forward(features.stride_16_wide.clone())), expected);
        let mut pack = Pack::exact();
        pack.add_module("own", &tail).expect("finite numbers");
        let weights = Weights::from_bytes(pack.into_bytes().expect("names are there once")).expect("just packed");
        let loaded = BackboneTail::load(&weights, "own", &device).expect("its own names");
        assert_eq!(numbers(loaded.forward(features.stride_16_wide)), expected);
    }

    #[cfg(feature = "train")]
    #[test]
    fn gradients_are_the_slopes() {
        let learning = Device::flex().autodiff();
        let mut pack = Pack::exact();
        pack.add_module("own", &untrained().tail()).expect("finite numbers");
        let weights = Weights::from_bytes(pack.into_bytes().expect("names are there once")).expect("just packed");
        let tail = BackboneTail::load(&weights, "own", &learning).expect("its own names").with_fixed_filters();
        let shape = [1, 5, 4, WIDE];
        let wide = Tensor::<4>::from_data(random(shape, 3), &learning).abs();
        let step = Tensor::<4>::from_data(random(shape, 4), &learning);
        let slope_to = Tensor::<4>::from_data(random([1, 3, 2, TOP], 5), &learning);
        let value = |wide: Tensor<4>| (tail.forward(wide) * slope_to.clone()).sum();

        let input = wide.clone().detach().require_grad();
        let gradients = value(input.clone()).backward();
        let along: f32 = numbers(input.grad(&gradients).expect("it depends on it"))
            .iter()
            .zip(numbers(step.clone()))
            .map(|(gradient, step)| gradient * step)
            .sum();
        let at = |t: f32| numbers(value(wide.clone() + step.clone() * t))[0];
        let slope = (at(1e-3) - at(-1e-3)) / 2e-3;
        assert!((along - slope).abs() < 0.02 * slope.abs().max(1.0), "{along} is not {slope}");

        let learnt = burn::optim::GradientsParams::from_grads(gradients, &tail);
        // Four projections, three expansions and the top, each with its bias.
        assert_eq!(learnt.len(), 16, "the depthwise filters and their biases have none");
    }
}
