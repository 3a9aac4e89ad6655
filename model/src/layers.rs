//! Convolution layers as burn modules, over [`crate::ops`].

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use crate::{
    ops::{self, Activation, Mix, Packing},
    weights::{Weights, WeightsError},
};

pub mod profile;

use profile::Layer;

/// 1x1 convolution with bias.
#[derive(Module, Debug)]
pub struct Pointwise {
    /// `[in, out]`, or pairs of steps (see [`Mix`]).
    weight: Param<Tensor<2>>,
    /// What the steps of pairs are worth.
    #[module(skip)]
    widths: Option<Tensor<1>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    packing: Packing,
    #[module(skip)]
    name: String,
}

impl Pointwise {
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
        let mix = weights.mix(&format!("{name}.weight"), [c_in, c_out], device)?;
        Ok(Self {
            weight: Param::from_tensor(mix.weight),
            widths: mix.widths,
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [c_out], device)?),
            activation,
            packing: Packing::default(),
            name: name.to_owned(),
        })
    }

    /// As [`Pointwise::load`], with zero columns added until the outputs are a multiple of eight: the GPU kernel then
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
        let (weight_name, bias_name) = (format!("{name}.weight"), format!("{name}.bias"));
        let (weight, found) = weights.values(&weight_name)?;
        if found != [c_in, c_out] {
            return Err(WeightsError::Shape { name: weight_name, found, wanted: vec![c_in, c_out] });
        }
        let (mut bias, found) = weights.values(&bias_name)?;
        if found != [c_out] {
            return Err(WeightsError::Shape { name: bias_name, found, wanted: vec![c_out] });
        }
        let padded = c_out.next_multiple_of(8);
        let mut wide = Vec::with_capacity(c_in * padded);
        for row in weight.chunks_exact(c_out) {
            wide.extend_from_slice(row);
            wide.resize(wide.len() + padded - c_out, 0.0);
        }
        bias.resize(padded, 0.0);
        Ok(Self {
            weight: Param::from_tensor(ops::tensor_from(wide, [c_in, padded], device)),
            widths: None,
            bias: Param::from_tensor(ops::tensor_from(bias, [padded], device)),
            activation: Activation::Linear,
            packing: Packing::default(),
            name: name.to_owned(),
        })
    }

    fn mix(&self) -> Mix {
        Mix { weight: self.weight.val(), widths: self.widths.clone() }
    }

    /// `[batch, height, width, in]` to `[batch, height, width, out]`; `residual` is added last.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4> {
        profile::forward(self, x, residual)
    }
}

/// Depthwise 3x3 convolution with bias.
#[derive(Module, Debug)]
pub struct Depthwise {
    /// `[3, 3, channels]`.
    weight: Param<Tensor<3>>,
    /// `[channels]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    name: String,
}

impl Depthwise {
    /// Loads `{name}.weight` (`[3, 3, channels]`) and `{name}.bias`.
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        channels: usize,
        stride: usize,
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: Param::from_tensor(weights.tensor(&format!("{name}.weight"), [3, 3, channels], device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [channels], device)?),
            stride,
            activation,
            name: name.to_owned(),
        })
    }

    /// `[batch, height, width, channels]` to `[batch, ceil(height / stride), ceil(width / stride), channels]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

/// Dense convolution with a square kernel and bias.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[kernel, kernel, in, out]`.
    weight: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    packing: Packing,
    #[module(skip)]
    name: String,
}

impl Dense {
    /// Loads `{name}.weight` (`[kernel, kernel, in, out]`) and `{name}.bias`.
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        shape: [usize; 4],
        stride: usize,
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: Param::from_tensor(weights.tensor(&format!("{name}.weight"), shape, device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [shape[3]], device)?),
            stride,
            activation,
            packing: Packing::default(),
            name: name.to_owned(),
        })
    }

    /// `[batch, height, width, in]` to `[batch, ceil(height / stride), ceil(width / stride), out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

/// Transposed convolution 2x2 at stride 2 with bias: each input writes a 2x2 patch of its own, so nothing overlaps and no
/// checkerboard can come from uneven sums.
#[derive(Module, Debug)]
pub struct Transposed {
    /// `[in, 2, 2, out]`.
    spread: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    name: String,
}

impl Transposed {
    /// Loads `{name}.spread` (`[in, 2, 2, out]`) and `{name}.bias` (`[out]`).
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
        Ok(Self {
            spread: Param::from_tensor(weights.tensor(&format!("{name}.spread"), [c_in, 2, 2, c_out], device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [c_out], device)?),
            activation,
            name: name.to_owned(),
        })
    }

    /// `[batch, height, width, in]` to `[batch, 2 * height, 2 * width, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

impl Layer for Pointwise {
    fn title(&self) -> (&str, String) {
        (&self.name, "1x1".into())
    }

    fn depth(&self) -> usize {
        self.mix().c_in()
    }

    fn compute(&self, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv1x1(x, self.mix(), self.bias.val(), self.activation, residual, &self.packing)
    }
}

impl Layer for Depthwise {
    fn title(&self) -> (&str, String) {
        (&self.name, format!("depthwise 3x3 /{}", self.stride))
    }

    fn depth(&self) -> usize {
        9
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::depthwise(x, self.weight.val(), self.bias.val(), self.stride, self.activation)
    }
}

impl Layer for Dense {
    fn title(&self) -> (&str, String) {
        let kernel = self.weight.dims()[0];
        (&self.name, format!("{kernel}x{kernel} /{}", self.stride))
    }

    fn depth(&self) -> usize {
        let [kernel, _, c_in, _] = self.weight.dims();
        kernel * kernel * c_in
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv2d(x, self.weight.val(), self.bias.val(), self.stride, self.activation, &self.packing)
    }
}

impl Layer for Transposed {
    fn title(&self) -> (&str, String) {
        (&self.name, "transposed 2x2 /2".into())
    }

    fn depth(&self) -> usize {
        self.spread.dims()[0]
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv_transpose(x, self.spread.val(), self.bias.val(), self.activation)
    }
}
