//! A network's numbers, and what it says.

use super::{
    architecture::{Architecture, LayerSizes},
    draws,
    kernels::convolution::Maps,
    operators::{self, Tracked},
};
use crate::random::Random;

/// Weights and bias of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// `[fan in, outputs]`; the fan in of a convolution is `[3, 3, channels]`.
    pub w: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// A network: its shape, and the weights of its hidden layers and of the scores, which are the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its shape.
    pub architecture: Architecture,
    /// One more than hidden layers.
    pub layers: Vec<LayerWeights>,
}

impl Network {
    /// A network with drawn weights (He et al. 2015); the scores' are smaller, so that training begins near equal
    /// probabilities.
    pub(super) fn drawn(architecture: &Architecture, random: &mut Random) -> Self {
        let mut layer = |fan_in: usize, outputs: usize, gain: f32| {
            let deviation = gain * (2.0 / fan_in as f32).sqrt();
            let w = (0..fan_in * outputs).map(|_| deviation * draws::normal(random)).collect();
            LayerWeights { w, bias: vec![0.0; outputs] }
        };
        let mut layers: Vec<_> =
            architecture.sizes().iter().map(|size| layer(size.fan_in, size.outputs, 1.0)).collect();
        layers.push(layer(architecture.features(), architecture.classes, 0.5));
        Self { architecture: architecture.clone(), layers }
    }

    /// The scores of a batch, outside autodiff.
    ///
    /// # Shapes
    /// `x` `[batch, input]`; `[batch, classes]`.
    #[must_use]
    pub fn scores(&self, x: Vec<f32>) -> Vec<f32> {
        let parameters = self.tensors(operators::constant::<2>, operators::constant::<1>);
        let scores = forward(&self.architecture, &parameters, x, |x| x);
        operators::values(scores.primitive()).to_vec()
    }

    /// Each layer's weights and bias as tensors.
    pub(super) fn tensors(
        &self,
        matrix: impl Fn(Vec<f32>, [usize; 2]) -> Tracked,
        vector: impl Fn(Vec<f32>, [usize; 1]) -> Tracked,
    ) -> Vec<[Tracked; 2]> {
        let tensor = |layer: &LayerWeights| {
            let outputs = layer.bias.len();
            let w = matrix(layer.w.clone(), [layer.w.len() / outputs.max(1), outputs]);
            [w, vector(layer.bias.clone(), [outputs])]
        };
        self.layers.iter().map(tensor).collect()
    }
}

/// The scores of a batch.
///
/// # Arguments
/// * `drop` - dropout: after each hidden layer that reads a vector, and before the scores.
pub(super) fn forward(
    architecture: &Architecture,
    parameters: &[[Tracked; 2]],
    x: Vec<f32>,
    mut drop: impl FnMut(Tracked) -> Tracked,
) -> Tracked {
    let length = architecture.input.len();
    let batch = x.len() / length.max(1);
    let mut x = operators::constant(x, [batch, length]);
    let sizes = architecture.sizes();
    for (place, (size, [w, bias])) in sizes.iter().zip(parameters).enumerate() {
        let LayerSizes { side, inputs, outputs, fan_in, pool } = *size;
        let is_convolution = fan_in != inputs;
        x = if is_convolution {
            operators::convolve(x, Maps { side, channels: inputs }, w.clone(), bias.clone())
        } else {
            operators::fully_connected(x, w.clone(), bias.clone())
        };
        x = operators::rectify(&x);
        if pool {
            x = operators::pool(&x, Maps { side, channels: outputs });
        }
        if !is_convolution || place + 1 == sizes.len() {
            x = drop(x);
        }
    }
    let [w, bias] = parameters.last().expect("a network has scores").clone();
    operators::fully_connected(x, w, bias)
}
