//! The convolutions and RoIAlign for WebGPU, as CubeCL kernels on burn's own buffers. Sizes are arguments, not constants, so a whole
//! network needs a handful of programs and starts quickly.

use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_cubecl::{Cube, kernel::into_contiguous, ops::numeric::empty_device_contiguous_dtype, tensor::CubeTensor};
use cubecl::{
    calculate_cube_count_elemwise,
    ir::{ElemType, FloatKind},
    prelude::*,
};

use super::{Activation, Mix, numbers, same_padding};
use crate::regions::{Region, align::AxisTaps};

mod activation;
mod pointwise;
mod roi_align;
pub mod storage;
pub mod tiling;
mod windows;

use storage::Storage;
use windows::SizesLaunch;

/// Channels in a vector, where they divide evenly.
const LANES: usize = 4;
/// Neighbouring outputs a unit computes in a convolution with a window.
const COLUMNS: u32 = 4;
/// Rows of outputs a unit computes in a depthwise convolution.
const LINES: u32 = 2;
/// Units of a workgroup.
const UNITS: u32 = 64;

/// Whether `x` lives on a CubeCL device in float32 or float16, outside autodiff.
pub(super) fn serves(x: &Tensor<4>) -> bool {
    let is_served = |primitive: CubeTensor| matches!(primitive.dtype, DType::F32 | DType::F16);
    x.clone().try_into_primitive::<Cube>().is_ok_and(is_served)
}

/// What steps are worth, on a device whose kernels read them in pairs (see [`Mix`]), and where there are whole vectors of
/// inputs.
pub(super) fn reads_pairs(widths: &[f32], c_in: usize, device: &Device) -> Option<Tensor<1>> {
    if storage::current() != Storage::Pairs || !c_in.is_multiple_of(LANES) {
        return None;
    }
    let widths = numbers(widths.to_vec(), [widths.len()], device);
    widths.clone().try_into_primitive::<Cube>().is_ok().then_some(widths)
}

/// See [`super::pointwise`].
pub(super) fn pointwise(
    x: Tensor<4>,
    mix: Mix,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = mix.weight.dims()[1];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Numbers { dtype, half, elem } = Numbers::of(&x);
    let in_pairs = mix.widths.is_some();
    let (weight, bias) = (operand(mix.weight, dtype), operand(bias, DType::F32));
    // Without pairs something else that is only read.
    let widths = mix.widths.map_or_else(|| bias.clone(), |widths| operand(widths, DType::F32));
    let residual = residual.map(|residual| operand(residual, dtype));
    let out = empty(&x, &[n, h, w, c_out]);
    let client = x.client.clone();
    let columns = c_out / lanes;
    let tiling = tiling::current();
    let (tile, vectors) = (tiling.rows, tiling.vectors_of(columns));
    let units = rows.div_ceil(tile) * (columns / vectors);
    let (count, dim) = grid(&client, units);
    let (low, high) = match activation {
        Activation::Linear => (f32::NEG_INFINITY, f32::INFINITY),
        Activation::Relu => (0.0, f32::INFINITY),
        Activation::Relu6 => (0.0, 6.0),
    };
    let has_residual = residual.is_some();
    // Something that is only read, too: a buffer cannot be bound for reading beside its binding for writing.
    let residual = residual.unwrap_or_else(|| x.clone());
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        pointwise::pointwise_kernel::launch_unchecked(
            &client,
            count,
            dim,
            k,
            lanes,
            buffer(x, k),
            buffer(weight, lanes),
            buffer(widths, lanes),
            buffer(bias, lanes),
            buffer(residual, lanes),
            buffer(out.clone(), lanes),
            rows,
            c_in / k,
            columns,
            low,
            high,
            k,
            tile,
            vectors,
            half,
            in_pairs,
            has_residual,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// See [`super::depthwise`].
pub(super) fn depthwise(
    x: Tensor<4>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let lanes = lanes(c);
    let window = Window { n, h, w, kernel: 3, stride };
    let (sizes, units, [out_h, out_w]) = window.sizes(c / lanes, c, LINES);
    let x = primitive(x);
    let (weight, bias) = (operand(weight, DType::F32), operand(bias, DType::F32));
    let elem = Numbers::of(&x).elem;
    let out = empty(&x, &[n, out_h, out_w, c]);
    let client = x.client.clone();
    let (count, dim) = grid(&client, units);
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        windows::depthwise_kernel::launch_unchecked(
            &client,
            count,
            dim,
            lanes,
            buffer(x, lanes),
            buffer(weight, lanes),
            buffer(bias, lanes),
            buffer(out.clone(), lanes),
            sizes,
            stride as u32,
            COLUMNS,
            LINES,
            activation,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// See [`super::dense`].
pub(super) fn dense(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let [kernel, _, _, c_out] = weight.dims();
    let (lanes, k) = (lanes(c_out), lanes(c_in));
    let vectors = tiling::current().vectors_of(c_out / lanes);
    let window = Window { n, h, w, kernel, stride };
    let (sizes, units, [out_h, out_w]) = window.sizes(c_out / lanes / vectors, c_in / k, 1);
    let x = primitive(x);
    let Numbers { dtype, half, elem } = Numbers::of(&x);
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    let out = empty(&x, &[n, out_h, out_w, c_out]);
    let client = x.client.clone();
    let (count, dim) = grid(&client, units);
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        windows::dense_kernel::launch_unchecked(
            &client,
            count,
            dim,
            k,
            lanes,
            buffer(x, k),
            buffer(weight, lanes),
            buffer(bias, lanes),
            buffer(out.clone(), lanes),
            sizes,
            kernel as u32,
            stride as u32,
            k,
            COLUMNS,
            vectors,
            half,
            activation,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// See [`super::transposed`].
pub(super) fn transposed(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Numbers { dtype, half, elem } = Numbers::of(&x);
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    let out = empty(&x, &[n, 2 * h, 2 * w, c_out]);
    let client = x.client.clone();
    let channels = c_out / lanes;
    let tiling = tiling::current();
    let (tile, vectors) = (tiling.rows, tiling.vectors_of(channels));
    let (count, dim) = grid(&client, rows.div_ceil(tile) * 4 * (channels / vectors));
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        pointwise::transposed_kernel::launch_unchecked(
            &client,
            count,
            dim,
            k,
            lanes,
            buffer(x, k),
            buffer(weight, lanes),
            buffer(bias, lanes),
            buffer(out.clone(), lanes),
            rows,
            w,
            c_in / k,
            channels,
            k,
            tile,
            vectors,
            half,
            activation,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// See [`super::roi_align`].
pub(super) fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let lanes = lanes(channels);
    let rows = AxisTaps::rows(regions, height, side, samples);
    let columns = AxisTaps::columns(regions, width, side, samples);
    let table = roi_align::table(regions, &rows, &columns, height);
    let table = operand(Tensor::<1>::from_data(TensorData::from(table.as_slice()), &map.device()), DType::F32);
    let map = primitive(map);
    let elem = Numbers::of(&map).elem;
    let out = empty(&map, &[regions.len(), side, side, channels]);
    let client = map.client.clone();
    let units = regions.len() * side * side * (channels / lanes);
    let (count, dim) = grid(&client, units);
    // SAFETY: the table names cells of the map only (`super::roi_align` checks the photos), and the kernel writes inside
    // the length given here.
    unsafe {
        roi_align::roi_align_kernel::launch_unchecked(
            &client,
            count,
            dim,
            lanes,
            buffer(map, lanes),
            buffer(table, 1),
            buffer(out.clone(), lanes),
            units as u32,
            width as u32,
            (channels / lanes) as u32,
            side as u32,
            rows.slots() as u32,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// A convolution's window over a batch of maps.
struct Window {
    n: usize,
    h: usize,
    w: usize,
    kernel: usize,
    stride: usize,
}

impl Window {
    /// The kernel's sizes, its units, and the output's height and width.
    fn sizes(&self, channels: usize, depth: usize, lines: u32) -> (SizesLaunch, usize, [usize; 2]) {
        let (out_h, top) = same_padding(self.h, self.kernel, self.stride);
        let (out_w, left) = same_padding(self.w, self.kernel, self.stride);
        let tiles = out_w.div_ceil(COLUMNS as usize);
        let bands = out_h.div_ceil(lines as usize);
        let units = self.n * bands * tiles * channels;
        let sizes = SizesLaunch::new(
            self.h as u32,
            self.w as u32,
            out_h as u32,
            out_w as u32,
            bands as u32,
            tiles as u32,
            top as u32,
            left as u32,
            channels as u32,
            depth as u32,
            units as u32,
        );
        (sizes, units, [out_h, out_w])
    }
}

/// The widest vector that divides the channels.
fn lanes(channels: usize) -> usize {
    if channels.is_multiple_of(LANES) { LANES } else { 1 }
}

fn grid(client: &Client, units: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new_1d(UNITS);
    (calculate_cube_count_elemwise(client, units, dim), dim)
}

/// What a map's numbers are.
struct Numbers {
    dtype: DType,
    half: bool,
    elem: ElemType,
}

impl Numbers {
    fn of(map: &CubeTensor) -> Self {
        let half = map.dtype == DType::F16;
        let elem = ElemType::Float(if half { FloatKind::F16 } else { FloatKind::F32 });
        Self { dtype: map.dtype, half, elem }
    }
}

/// A contiguous operand of a kernel in the type that the kernel reads; networks keep theirs in it (see
/// [`super::numbers`]), so nothing is converted then.
fn operand<const D: usize>(x: Tensor<D>, dtype: DType) -> CubeTensor {
    primitive(if x.dtype() == dtype { x } else { x.cast(dtype) })
}

/// The contiguous primitive of a tensor that lives on a CubeCL device.
fn primitive<const D: usize>(x: Tensor<D>) -> CubeTensor {
    // `serves` was asked about the input; weights and residuals live on the device of their input.
    into_contiguous(x.try_into_primitive::<Cube>().expect("all operands live on one CubeCL device"))
}

fn empty(like: &CubeTensor, shape: &[usize]) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), shape.to_vec().into(), like.dtype)
}

/// A tensor's buffer as an argument of vectors.
fn buffer(tensor: CubeTensor, lanes: usize) -> BufferArg {
    let len = tensor.meta.num_elements() / lanes;
    // SAFETY: the tensor is contiguous with that many numbers, by `primitive` and `empty`.
    unsafe { BufferArg::from_raw_parts(tensor.handle, len) }
}
