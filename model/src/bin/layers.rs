//! Times each layer of the detector on this machine: natively what `cargo xtask bench --layers` does in the browser.

use std::path::PathBuf;

#[cfg(feature = "gpu")]
use anyhow::Context;
use anyhow::Result;
use burn::tensor::Device;
use clap::{Parser, ValueEnum};
#[cfg(feature = "gpu")]
use model::ops::{
    autotune,
    gpu::{
        storage::{self, Storage},
        tiling,
    },
};
use model::{annotate::WeightFiles, heads::ssd::Ssd, structures::stage::LayerTable};

/// Times each layer of the detector on this machine.
#[derive(Parser)]
struct Arguments {
    /// The detector's weights, which `cargo xtask weights` makes [default: ssd.bpk, where `annotate` looks for it].
    #[arg(long)]
    weights: Option<PathBuf>,
    /// What runs it.
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    backend: Backend,
    /// What the GPU keeps maps and weights in; what is fastest without this.
    #[cfg(feature = "gpu")]
    #[arg(long, value_parser = storage_of)]
    storage: Option<Storage>,
    /// Measurements of each layer; the median counts.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Backend {
    /// burn's `flex` with our kernels, one thread.
    Cpu,
    /// The GPU through Vulkan, Metal or DirectX.
    #[cfg(feature = "gpu")]
    Gpu,
}

#[cfg(feature = "gpu")]
fn storage_of(name: &str) -> Result<Storage, String> {
    Storage::named(name).ok_or_else(|| format!("one of {}", Storage::ALL.map(Storage::name).join(", ")))
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let device = device(&arguments)?;
    let replaced = arguments.weights.iter().map(|path| ("ssd", path.clone())).collect();
    let ssd: Ssd = WeightFiles { replaced }.load("ssd", &device)?;
    print(&pollster::block_on(ssd.time_layers(&device, arguments.rounds))?);
    Ok(())
}

#[cfg_attr(not(feature = "gpu"), expect(clippy::unnecessary_wraps, reason = "a GPU may be missing"))]
fn device(arguments: &Arguments) -> Result<Device> {
    match arguments.backend {
        Backend::Cpu => Ok(Device::flex()),
        #[cfg(feature = "gpu")]
        Backend::Gpu => {
            let (device, setup) = pollster::block_on(Device::wgpu_options().tasks_max(1024).init_with_setup_async())
                .context("there is no GPU here")?;
            println!("{:?}", setup.adapter.get_info());
            let timing = pollster::block_on(autotune::choose_by_timing(&device))?;
            if let Some(storage) = arguments.storage {
                anyhow::ensure!(storage.is_offered(&device), "this GPU has no float16");
                storage::choose(storage);
            }
            println!("timed {:?}: {timing:.2?} ms", tiling::TILINGS);
            println!("chosen: {:?}, {:?}", tiling::current(), storage::current());
            Ok(device)
        }
    }
}

fn print(table: &LayerTable) {
    let side = |[n, h, w, c]: [usize; 4]| format!("{n}x{h}x{w}x{c}");
    println!("{:<34} {:<18} {:>14} {:>14} {:>9} {:>8} {:>8}", "layer", "kind", "in", "out", "ms", "G/s", "of peak");
    for it in &table.layers {
        let rate = it.multiply_adds / it.ms / 1e6;
        let (input, output, share) = (side(it.input), side(it.output), 100.0 * rate / table.peak);
        println!("{:<34} {:<18} {input:>14} {output:>14} {:>9.3} {rate:>8.1} {share:>7.0}%", it.name, it.kind, it.ms);
    }
    let (ms, multiply_adds) =
        table.layers.iter().fold((0.0, 0.0), |(ms, sum), it| (ms + it.ms, sum + it.multiply_adds));
    let rate = multiply_adds / ms / 1e6;
    println!("all: {ms:.1} ms, {rate:.1} G multiply-adds a second; a plain matrix product does {:.1} G", table.peak);
}
