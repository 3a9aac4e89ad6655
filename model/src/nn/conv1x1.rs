//! 1x1 convolution.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    profile::{self, Layer},
    weights::{Weights, WeightsError},
};
use crate::ops::{self, Activation, PackedWeights, WeightCache};

/// 1x1 convolution with bias.
#[derive(Module, Debug)]
pub struct Conv1x1 {
    /// `[in, out]`, or pairs of levels (see [`PackedWeights`]).
    weight: Param<Tensor<2>>,
    /// The scales of the levels.
    #[module(skip)]
    scales: Option<Tensor<1>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    cache: WeightCache,
    #[module(skip)]
    name: String,
}

impl Conv1x1 {
    /// Loads `{name}.weight` (`[in, out]`) and `{name}.bias` (`[out]`).
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        (c_in, c_out): (usize, usize),
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let packed = weights.packed(&format!("{name}.weight"), [c_in, c_out], device)?;
        Ok(Self {
            weight: Param::from_tensor(packed.weight),
            scales: packed.scales,
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [c_out], device)?),
            activation,
            cache: WeightCache::default(),
            name: name.to_owned(),
        })
    }

    /// As [`Conv1x1::load`], with zero columns added until the outputs are a multiple of eight: the GPU kernel then
    /// works on whole vectors, two at a time, and the reader skips the extra channels.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_padded(
        weights: &Weights,
        name: &str,
        (c_in, c_out): (usize, usize),
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let weight = shaped(weights, format!("{name}.weight"), &[c_in, c_out])?;
        let mut bias = shaped(weights, format!("{name}.bias"), &[c_out])?;
        let padded = c_out.next_multiple_of(8);
        let mut wide = Vec::with_capacity(c_in * padded);
        for row in weight.chunks_exact(c_out) {
            wide.extend_from_slice(row);
            wide.resize(wide.len() + padded - c_out, 0.0);
        }
        bias.resize(padded, 0.0);
        Ok(Self {
            weight: Param::from_tensor(ops::tensor_from(wide, [c_in, padded], device)),
            scales: None,
            bias: Param::from_tensor(ops::tensor_from(bias, [padded], device)),
            activation: Activation::Linear,
            cache: WeightCache::default(),
            name: name.to_owned(),
        })
    }

    /// The layer through which gradients flow back: `{name}.weight` transposed, without a bias.
    ///
    /// # Arguments
    /// * `(c_in, c_out)` - of the layer itself.
    ///
    /// # Errors
    /// When the weight is missing or of another shape.
    pub fn load_transposed(
        weights: &Weights,
        name: &str,
        (c_in, c_out): (usize, usize),
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let weight = shaped(weights, format!("{name}.weight"), &[c_in, c_out])?;
        let transposed = (0..c_out).flat_map(|column| weight.iter().skip(column).step_by(c_out).copied()).collect();
        Ok(Self {
            weight: Param::from_tensor(ops::tensor_from(transposed, [c_out, c_in], device)),
            scales: None,
            bias: Param::from_tensor(ops::tensor_from(vec![0.0; c_in], [c_in], device)),
            activation: Activation::Linear,
            cache: WeightCache::default(),
            name: format!("{name}, transposed"),
        })
    }

    /// Two layers whose outputs add up to this one's before its activation: one for the first inputs, and one for the
    /// others, which has the bias.
    ///
    /// # Arguments
    /// * `first` - inputs of the first layer, an even number.
    #[must_use]
    pub fn by_inputs(&self, first: usize) -> [Self; 2] {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        let [rows, _] = weight.dims();
        // Packed levels have two inputs a row.
        let first = first * rows / self.packed().c_in();
        let part = |from: usize, to: usize, bias: Tensor<1>| Self {
            weight: Param::from_tensor(weight.clone().narrow(0, from, to - from)),
            scales: self.scales.clone(),
            bias: Param::from_tensor(bias),
            activation: Activation::Linear,
            cache: WeightCache::default(),
            name: format!("{}, inputs {}", self.name, if from == 0 { "first" } else { "last" }),
        };
        [part(0, first, bias.zeros_like()), part(first, rows, bias)]
    }

    fn packed(&self) -> PackedWeights {
        PackedWeights { weight: self.weight.val(), scales: self.scales.clone() }
    }

    /// `[batch, height, width, in]` to `[batch, height, width, out]`; `residual` is added last.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4> {
        profile::forward(self, x, residual)
    }
}

/// The numbers of a tensor of a known shape.
fn shaped(weights: &Weights, name: String, wanted: &[usize]) -> Result<Vec<f32>, WeightsError> {
    let (values, found) = weights.values(&name)?;
    if found == wanted { Ok(values) } else { Err(WeightsError::Shape { name, found, wanted: wanted.to_vec() }) }
}

impl Layer for Conv1x1 {
    fn title(&self) -> (&str, String) {
        (&self.name, "1x1".into())
    }

    fn depth(&self) -> usize {
        self.packed().c_in()
    }

    fn compute(&self, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv1x1(x, self.packed(), self.bias.val(), self.activation, residual, &self.cache)
    }
}
