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

mod tail;

pub use tail::BackboneTail;

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

#[cfg(any(test, feature = "train"))]
impl Features {
    /// Single zeros, to be replaced by the maps that a head reads.
    pub(crate) fn unused(device: &Device) -> Self {
        let map = Tensor::zeros([1, 1, 1, 1], device);
        Self {
            stride_4: map.clone(),
            stride_8: map.clone(),
            stride_16_early: map.clone(),
            stride_16: map.clone(),
            stride_16_wide: map.clone(),
            stride_32: map,
        }
    }
}

/// A photo after the backbone: what all systems on it share.
#[derive(Clone, Debug)]
pub struct PhotoFeatures {
    /// Width and height of the photo in pixels; the maps cover the whole of it.
    pub photo: (u32, u32),
    /// The maps.
    pub maps: Features,
    /// Milliseconds of the maps at strides 4, 8, 16 and 32, where they were timed apart.
    pub map_ms: Vec<f64>,
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
        self.begin(x).into_features()
    }

    /// As [`MobileNetV2::forward`], stride by stride.
    ///
    /// # Arguments
    /// * `x` - `[batch, height, width, 3]`, RGB in `[-1, 1]`.
    #[must_use]
    pub fn begin(&self, x: Tensor<4>) -> BackbonePass<'_> {
        let x = Some(self.stem.forward(x));
        BackbonePass { network: self, x, blocks: 0, maps: Vec::new(), stride_16_wide: None }
    }
}

/// What these blocks take in is the last map of a stride, or of 64 channels.
const TAPPED: [usize; 4] = [3, 6, LAST_OF_64_CHANNELS, STRIDE_16_EXPANSION];
/// The one of them in the middle of a stride.
const LAST_OF_64_CHANNELS: usize = 10;

/// A forward pass that computes the map of one stride at a time: 4, 8, 16, 32.
pub struct BackbonePass<'a> {
    network: &'a MobileNetV2,
    /// What the next block takes in; `None` at the end.
    x: Option<Tensor<4>>,
    /// Blocks that are done.
    blocks: usize,
    /// Those of [`TAPPED`], then the last.
    maps: Vec<Tensor<4>>,
    stride_16_wide: Option<Tensor<4>>,
}

impl BackbonePass<'_> {
    /// All maps; computes those that are missing.
    #[must_use]
    pub fn into_features(mut self) -> Features {
        self.by_ref().for_each(drop);
        let [stride_4, stride_8, stride_16_early, stride_16, stride_32] =
            self.maps.try_into().expect("four of the 17 blocks are tapped, and the last convolution");
        Features {
            stride_4,
            stride_8,
            stride_16_early,
            stride_16,
            stride_16_wide: self.stride_16_wide.expect("block 13 is one of the 17"),
            stride_32,
        }
    }
}

impl Iterator for BackbonePass<'_> {
    type Item = Tensor<4>;

    fn next(&mut self) -> Option<Tensor<4>> {
        let mut x = self.x.take()?;
        while let Some(block) = self.network.blocks.get(self.blocks) {
            let (y, wide) = block.forward(x);
            x = y;
            if self.blocks == STRIDE_16_EXPANSION {
                self.stride_16_wide = Some(wide);
            }
            self.blocks += 1;
            if TAPPED.contains(&self.blocks) {
                self.maps.push(x.clone());
                if self.blocks != LAST_OF_64_CHANNELS {
                    self.x = Some(x.clone());
                    return Some(x);
                }
            }
        }
        let last = self.network.top.forward(x, None);
        self.maps.push(last.clone());
        Some(last)
    }
}
