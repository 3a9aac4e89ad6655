//! Transposed convolution.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    profile::{self, Layer},
    weights::{Weights, WeightsError},
};
use crate::{
    device::{RunError, read},
    ops::{self, Activation},
    structures::question::Upsampling,
};

/// Transposed convolution 2x2 at stride 2 with bias: each input writes a 2x2 patch of its own, so nothing overlaps and
/// no checkerboard can come from uneven sums.
#[derive(Module, Debug)]
pub struct ConvTranspose2d {
    /// `[in, 2, 2, out]`.
    spread: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    name: String,
}

impl ConvTranspose2d {
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

    /// The same layer with one weight of each filter: its first, at the upper left.
    #[must_use]
    pub fn upsampling_by(&self, way: Upsampling) -> Self {
        let spread = self.spread.val();
        let [c_in, rows, columns, c_out] = spread.dims();
        let first = || spread.clone().slice([0..c_in, 0..1, 0..1, 0..c_out]);
        let spread = match way {
            Upsampling::Learned => spread,
            Upsampling::NearestNeighbour => first().repeat(&[1, rows, columns, 1]),
            Upsampling::BedOfNails => spread.zeros_like().slice_assign([0..c_in, 0..1, 0..1, 0..c_out], first()),
        };
        Self { spread: Param::from_tensor(spread), ..self.clone() }
    }

    /// The 2 x 2 filters, from each input channel to each output channel, those with the largest weights first.
    ///
    /// # Arguments
    /// * `count` - at most so many.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn filters(&self, count: usize) -> Result<Vec<[f32; 4]>, RunError> {
        let [c_in, rows, columns, c_out] = self.spread.dims();
        // A filter's four weights side by side.
        let filters = self.spread.val().reshape([c_in, rows * columns, c_out]).swap_dims(1, 2);
        let values = read(vec![filters]).await?;
        let mut filters: Vec<[f32; 4]> = values[0].as_chunks().0.to_vec();
        let size = |it: &[f32; 4]| it.iter().map(|weight| weight * weight).sum::<f32>();
        filters.sort_by(|a, b| size(b).total_cmp(&size(a)));
        filters.truncate(count);
        Ok(filters)
    }

    /// `[batch, height, width, in]` to `[batch, 2 * height, 2 * width, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

impl Layer for ConvTranspose2d {
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
