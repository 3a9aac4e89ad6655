//! MobileNetV2 (Sandler et al. 2018, "Inverted Residuals and Linear Bottlenecks"): the backbone that systems share.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    nn::{
        Conv1x1, Conv2d, DepthwiseConv2d,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
};

/// Expansion, output channels and stride of each of the 17 bottleneck blocks (table 2 of the paper, unrolled).
pub const BLOCKS: [(usize, usize, usize); 17] = [
    (1, 16, 1),
    (6, 24, 2),
    (6, 24, 1),
    (6, 32, 2),
    (6, 32, 1),
    (6, 32, 1),
    (6, 64, 2),
    (6, 64, 1),
    (6, 64, 1),
    (6, 64, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 160, 2),
    (6, 160, 1),
    (6, 160, 1),
    (6, 320, 1),
];

/// Channels of the stem.
pub const STEM: usize = 32;

/// Channels of the last 1x1 convolution.
pub const TOP: usize = 1280;

/// The block whose expansion is SSDLite's first feature map: the last one at stride 16, before its stride.
const STRIDE_16_EXPANSION: usize = 13;

/// An inverted residual block: expand, filter each channel, project, and add the input where shapes allow.
#[derive(Module, Debug)]
pub struct Bottleneck {
    expand: Option<Conv1x1>,
    depthwise: DepthwiseConv2d,
    project: Conv1x1,
    #[module(skip)]
    residual: bool,
}

impl Bottleneck {
    fn load(
        weights: &Weights,
        name: &str,
        c_in: usize,
        (expansion, c_out, stride): (usize, usize, usize),
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let wide = c_in * expansion;
        let expand = if expansion == 1 {
            None
        } else {
            Some(Conv1x1::load(weights, &format!("{name}.expand"), (c_in, wide), Activation::Relu6, device)?)
        };
        Ok(Self {
            expand,
            depthwise: DepthwiseConv2d::load(
                weights,
                &format!("{name}.depthwise"),
                wide,
                stride,
                Activation::Relu6,
                device,
            )?,
            project: Conv1x1::load(weights, &format!("{name}.project"), (wide, c_out), Activation::Linear, device)?,
            residual: stride == 1 && c_in == c_out,
        })
    }

    /// Returns the output and the expansion that led to it.
    fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let residual = self.residual.then(|| x.clone());
        let wide = match &self.expand {
            Some(expand) => expand.forward(x, None),
            None => x,
        };
        (self.project.forward(self.depthwise.forward(wide.clone()), residual), wide)
    }
}

/// The backbone's feature maps, `[batch, height, width, channels]` each.
#[derive(Clone, Debug)]
pub struct Features {
    /// Stride 4, 24 channels.
    pub stride_4: Tensor<4>,
    /// Stride 8, 32 channels.
    pub stride_8: Tensor<4>,
    /// Stride 16, 64 channels: what MoveNet's feature pyramid reads.
    pub stride_16_early: Tensor<4>,
    /// Stride 16, 96 channels.
    pub stride_16: Tensor<4>,
    /// Stride 16, 576 channels: the expansion of the block that goes to stride 32. SSDLite's first map.
    pub stride_16_wide: Tensor<4>,
    /// Stride 32, 1280 channels. SSDLite's second map.
    pub stride_32: Tensor<4>,
}

/// A photo after the backbone: what all systems on it share.
#[derive(Clone, Debug)]
pub struct PhotoFeatures {
    /// Width and height of the photo in pixels; the maps cover the whole of it.
    pub photo: (u32, u32),
    /// The maps.
    pub maps: Features,
}

/// MobileNetV2 without its classifier.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    stem: Conv2d,
    blocks: Vec<Bottleneck>,
    top: Conv1x1,
}

impl MobileNetV2 {
    /// Loads `{name}.stem`, `{name}.blocks.N.{expand,depthwise,project}` and `{name}.top`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let stem = Conv2d::load(weights, &format!("{name}.stem"), [3, 3, 3, STEM], 2, Activation::Relu6, device)?;
        let mut blocks = Vec::with_capacity(BLOCKS.len());
        let mut c_in = STEM;
        for (i, &block) in BLOCKS.iter().enumerate() {
            blocks.push(Bottleneck::load(weights, &format!("{name}.blocks.{i}"), c_in, block, device)?);
            c_in = block.1;
        }
        let top = Conv1x1::load(weights, &format!("{name}.top"), (c_in, TOP), Activation::Relu6, device)?;
        Ok(Self { stem, blocks, top })
    }

    /// Runs the network.
    ///
    /// # Arguments
    /// * `x` - `[batch, height, width, 3]`, RGB in `[-1, 1]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Features {
        let mut x = self.stem.forward(x);
        // What these blocks take in: the last map of each stride, and of 64 channels.
        let mut maps = Vec::with_capacity(4);
        let mut stride_16_wide = None;
        for (i, block) in self.blocks.iter().enumerate() {
            if [3, 6, 10, STRIDE_16_EXPANSION].contains(&i) {
                maps.push(x.clone());
            }
            let (y, wide) = block.forward(x);
            if i == STRIDE_16_EXPANSION {
                stride_16_wide = Some(wide);
            }
            x = y;
        }
        let [stride_4, stride_8, stride_16_early, stride_16] =
            maps.try_into().expect("four of the 17 blocks are named above");
        Features {
            stride_4,
            stride_8,
            stride_16_early,
            stride_16,
            stride_16_wide: stride_16_wide.expect("block 13 is one of the 17"),
            stride_32: self.top.forward(x, None),
        }
    }
}
