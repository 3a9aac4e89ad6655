//! Random tensors and shapes for the tests of CPU kernels against the references.

use burn::tensor::{Device, Distribution, Tensor};

use crate::{ops::Region, structures::boxes::BBox};

/// Uniform in -1 to 1.
pub fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex())
}

/// Panics at a difference that rounding does not explain.
pub fn assert_close(ours: Tensor<4>, theirs: Tensor<4>, what: &str) {
    assert_eq!(ours.dims(), theirs.dims(), "{what}");
    let off: f32 = (ours - theirs).abs().max().into_scalar();
    assert!(off < 1e-4, "{what}: off by {off}");
}

/// Odd sizes, single pixels, channels that four does not divide, batches.
pub const SHAPES: [[usize; 4]; 6] =
    [[1, 19, 19, 16], [2, 7, 5, 24], [1, 1, 1, 9], [3, 2, 3, 7], [1, 38, 37, 32], [1, 1, 8, 130]];

/// Regions inside a photo, across its edge, without an area, and the whole of it; the second one of the last photo.
pub fn regions(photos: usize) -> [Region; 4] {
    let region = |photo, x0, y0, x1, y1| Region { photo, bbox: BBox::new(x0, y0, x1, y1) };
    [
        region(0, 0.1, 0.2, 0.7, 0.9),
        region(photos - 1, -0.3, 0.4, 0.5, 1.3),
        region(0, 0.5, 0.5, 0.5, 0.5),
        region(0, 0.0, 0.0, 1.0, 1.0),
    ]
}
