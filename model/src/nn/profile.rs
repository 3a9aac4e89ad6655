//! Times of a network's layers: they are recorded while it runs, then each is timed alone, on the same inputs.
//!
//! A device that works asynchronously cannot be watched from inside a run, so a layer runs many times in one
//! submission, and what the wait itself takes is subtracted.

use std::cell::RefCell;

use burn::tensor::{Device, Tensor, TensorData};
use web_time::Instant;

use crate::{
    device::{RunError, read},
    ops::{Activation, PackedWeights, WeightCache, conv1x1},
    structures::stage::{LayerTable, LayerTime},
};

/// Length of one measurement in milliseconds: a browser's clock has steps of 0.1 ms.
const SPAN_MS: f64 = 10.0;

/// The steps of a browser's clock at their finest, in milliseconds.
const CLOCK_MS: f64 = 0.005;

/// Calls of one measurement at most: they go out in one submission.
const MAX_CALLS: usize = 256;

/// Side of the largest matrices whose product measures a device's peak.
const MAX_SQUARE: usize = 2048;

/// A layer that can be profiled.
pub(super) trait Layer: Clone + 'static {
    /// Its name among the weights, and its kind in words.
    fn title(&self) -> (&str, String);

    /// Multiply-adds for one number of its output.
    fn depth(&self) -> usize;

    /// Runs it.
    fn compute(&self, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4>;
}

/// A layer that ran, with its inputs.
pub struct LayerRun {
    time: LayerTime,
    again: Box<dyn Fn() -> Tensor<4>>,
}

thread_local! {
    static RECORDING: RefCell<Option<Vec<LayerRun>>> = const { RefCell::new(None) };
}

/// Runs a layer, and records it inside [`record`].
pub(super) fn forward<L: Layer>(layer: &L, x: Tensor<4>, residual: Option<Tensor<4>>) -> Tensor<4> {
    if RECORDING.with_borrow(Option::is_none) {
        return layer.compute(x, residual);
    }
    let y = layer.compute(x.clone(), residual.clone());
    let (name, kind) = layer.title();
    let (input, output) = (x.dims(), y.dims());
    let multiply_adds = output.iter().product::<usize>() as f64 * layer.depth() as f64;
    let time = LayerTime { name: name.to_owned(), kind, input, output, multiply_adds, ms: 0.0 };
    let layer = layer.clone();
    let again = Box::new(move || layer.compute(x.clone(), residual.clone()));
    RECORDING.with_borrow_mut(|recording| recording.as_mut().map(|runs| runs.push(LayerRun { time, again })));
    y
}

/// Records the layers that run in `forward`, in order. They keep their inputs.
pub fn record(forward: impl FnOnce()) -> Vec<LayerRun> {
    RECORDING.set(Some(Vec::new()));
    forward();
    RECORDING.take().unwrap_or_default()
}

/// Times layers, and a matrix product beside them.
///
/// # Arguments
/// * `runs` - from [`record`], on this device.
/// * `rounds` - measurements of each layer, taken in turn; the median counts.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn time(runs: Vec<LayerRun>, device: &Device, rounds: usize) -> Result<LayerTable, RunError> {
    let product = peak_product(device).await?;
    let mut peak = Watch::new(&*product.again).await?;
    let mut watches = Vec::with_capacity(runs.len());
    for run in &runs {
        watches.push(Watch::new(&*run.again).await?);
    }
    for _ in 0..rounds {
        peak.measure().await?;
        for watch in &mut watches {
            watch.measure().await?;
        }
    }
    let times: Vec<f64> = watches.iter_mut().map(Watch::median).collect();
    let layers = runs.into_iter().zip(times).map(|(run, ms)| LayerTime { ms, ..run.time }).collect();
    // The peak is the best time, a layer's time is the median.
    Ok(LayerTable { layers, peak: product.multiply_adds / peak.best() / 1e6 })
}

/// A matrix product of two squares.
struct Product {
    multiply_adds: f64,
    again: Box<dyn Fn() -> Tensor<4>>,
}

/// The fastest of our products and burn's (where it is linked, see [`crate::ops`]), of growing size until one takes
/// long enough to fill any device.
async fn peak_product(device: &Device) -> Result<Product, RunError> {
    let mut side = 256;
    loop {
        let wave = (0..side * side).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<f32>>();
        let left = Tensor::<2>::from_data(TensorData::new(wave, [side, side]), device);
        let (right, bias) = (left.clone() * 0.5, Tensor::<1>::zeros([side], device));
        let (map, cache) = (left.clone().reshape([1, side, 1, side]), WeightCache::default());
        let ours = move |weight: PackedWeights| {
            let (map, bias, cache) = (map.clone(), bias.clone(), cache.clone());
            move || conv1x1(map.clone(), weight.clone(), bias.clone(), Activation::Linear, None, &cache)
        };
        let products = [
            Box::new(ours(right.clone().into())) as Box<dyn Fn() -> Tensor<4>>,
            // The product of layers whose weights are quantized (see `PackedWeights`).
            #[cfg(feature = "gpu")]
            Box::new(ours(PackedWeights::from_levels(&vec![1; side * side], vec![1.0; side], [side, side], device))),
            #[cfg(any(feature = "cpu", not(feature = "gpu")))]
            Box::new(move || left.clone().matmul(right.clone()).reshape([1, side, 1, side])),
        ];
        let mut best = (f64::INFINITY, None);
        for again in products {
            let mut watch = Watch::new(&*again).await?;
            for _ in 0..5 {
                watch.measure().await?;
            }
            let ms = watch.best();
            if ms < best.0 {
                best = (ms, Some(again));
            }
        }
        if let (ms, Some(again)) = best
            && (ms > SPAN_MS / 3.0 || side == MAX_SQUARE)
        {
            return Ok(Product { multiply_adds: (side as f64).powi(3), again });
        }
        side *= 2;
    }
}

/// The times of something that computes a tensor.
struct Watch<'a> {
    run: &'a dyn Fn() -> Tensor<4>,
    calls: usize,
    /// Milliseconds of waiting for a finished tensor.
    wait_ms: f64,
    times: Vec<f64>,
}

impl<'a> Watch<'a> {
    /// Compiles what is to be compiled and finds out how many calls a measurement needs.
    async fn new(run: &'a dyn Fn() -> Tensor<4>) -> Result<Self, RunError> {
        let done = run();
        wait(&done).await?;
        let mut waits = Vec::with_capacity(5);
        for _ in 0..5 {
            let start = Instant::now();
            wait(&done).await?;
            waits.push(ms_since(start));
        }
        let mut watch = Self { run, calls: 4, wait_ms: middle(&mut waits), times: Vec::new() };
        watch.measure().await?;
        let once = watch.times.pop().unwrap_or_default().max(SPAN_MS / MAX_CALLS as f64);
        watch.calls = ((SPAN_MS / once).ceil() as usize).clamp(1, MAX_CALLS);
        Ok(watch)
    }

    async fn measure(&mut self) -> Result<(), RunError> {
        let start = Instant::now();
        let mut last = (self.run)();
        for _ in 1..self.calls {
            last = (self.run)();
        }
        wait(&last).await?;
        // Times below the clock's steps are not known, but they are not 0.
        self.times.push((ms_since(start) - self.wait_ms).max(CLOCK_MS) / self.calls as f64);
        Ok(())
    }

    fn best(&self) -> f64 {
        self.times.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&mut self) -> f64 {
        middle(&mut self.times)
    }
}

/// Waits until a tensor is computed, by reading one number of it.
async fn wait(x: &Tensor<4>) -> Result<(), RunError> {
    read(vec![x.clone().slice([0..1, 0..1, 0..1, 0..1])]).await.map(drop)
}

fn ms_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// The median; of an even number of times the later one of the middle.
fn middle(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Doubling;

    impl Layer for Doubling {
        fn title(&self) -> (&str, String) {
            ("some.layer", "doubling".into())
        }

        fn depth(&self) -> usize {
            3
        }

        fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
            x * 2.0
        }
    }

    #[test]
    fn layers_are_recorded_in_order_and_only_inside_record() {
        let device = Device::flex();
        let x = Tensor::<4>::ones([1, 2, 3, 4], &device);
        forward(&Doubling, x.clone(), None);
        let runs = record(|| {
            let y = forward(&Doubling, x.clone(), None);
            forward(&Doubling, y.slice([0..1, 0..1]), None);
        });
        forward(&Doubling, x, None);
        let table = pollster::block_on(time(runs, &device, 3)).expect("the CPU computes");
        let shapes: Vec<_> = table.layers.iter().map(|it| (it.output, it.multiply_adds)).collect();
        assert_eq!(shapes, [([1, 2, 3, 4], 72.0), ([1, 1, 3, 4], 36.0)]);
        assert!(table.layers.iter().all(|it| it.name == "some.layer" && it.ms > 0.0), "{table:?}");
        assert!(table.peak > 0.0);
    }
}
