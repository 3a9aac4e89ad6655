//! `cargo xtask bench`: Lookout beside TensorFlow.js and ONNX Runtime Web, in one browser.
//!
//! This part sets up what `tests/bench` measures with; the measuring itself is a Node program there.

mod onnx;
mod systems;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{build, chromium, npm, process::say, project::Project, serve, weights};

/// What to measure, and how often.
#[derive(Args)]
pub struct Options {
    /// Measure only these (default: all, or none with --layers, --tasks, --systems or --photos).
    #[arg(long, value_enum, value_delimiter = ',', value_name = "MEASURE")]
    only: Vec<Measure>,
    /// Time each layer of the detector and print where the time goes.
    #[arg(long)]
    layers: bool,
    /// Time every task after the boxes of the same photo.
    #[arg(long)]
    tasks: bool,
    /// Time every system of the catalogue on one photo, each from the pixels on, or only these.
    #[arg(long, value_delimiter = ',', num_args = 0.., value_name = "SYSTEM")]
    systems: Option<Vec<String>>,
    /// The libraries to compare with.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PEER", default_value = "all")]
    peers: Vec<Peer>,
    /// Lookout's workers to measure.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "BACKEND", default_values = ["cpu", "gpu"])]
    backends: Vec<Backend>,
    /// Rounds of warm detections and of layers; every subject has one turn in each.
    #[arg(long, default_value_t = 11)]
    rounds: u32,
    /// Rounds of first and second visits.
    #[arg(long, default_value_t = 11)]
    visit_rounds: u32,
    /// Send this many photos in a row through each worker and say whether memory stays flat.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    photos: u32,
    /// The photo, one of `assets/photos` with boxes in `tests/reference/ssd/samples.json`.
    #[arg(long, default_value = "horses.jpg")]
    photo: String,
    /// The adapter behind WebGPU and WebGL.
    #[arg(long, value_enum, default_value_t = Adapter::Software)]
    adapter: Adapter,
    /// The slow link's speed in Mbit/s.
    #[arg(long, default_value_t = 20.0)]
    megabits: f64,
    /// The slow link's time to the first byte of each file, in ms.
    #[arg(long, default_value_t = 40.0)]
    latency: f64,
    /// Seconds until a subject that does not answer is given up.
    #[arg(long, default_value_t = 180)]
    timeout: u32,
    /// Where the numbers go, all rounds included (default: bench.json in cargo's target folder).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Measure the `dist/` that is there.
    #[arg(long)]
    no_build: bool,
    /// Measure the build of another checkout in the same rounds, in pairs.
    #[arg(long, value_name = "CHECKOUT")]
    against: Option<PathBuf>,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Measure {
    /// From navigation to the first boxes: first visit, and second visit with files cached.
    Cold,
    /// The same for a first visit over a slow link.
    Slow,
    /// From a photo's pixels to its boxes, warm.
    Warm,
    /// Private memory of the browser's page and GPU processes above an empty page's; WebAssembly memory.
    Memory,
    /// What a first visit downloads.
    Bytes,
}

/// A library to compare with, on the same network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// All of them.
    All,
    /// None.
    None,
    /// TensorFlow.js coco-ssd on its wasm backend, one thread.
    TfjsWasm,
    /// TensorFlow.js coco-ssd on WebGL.
    TfjsWebgl,
    /// TensorFlow.js coco-ssd on WebGPU.
    TfjsWebgpu,
    /// TensorFlow.js on WebGPU, the same graph without coco-ssd's synchronous reads.
    TfjsWebgpuAsync,
    /// ONNX Runtime Web on wasm, one thread.
    OrtWasm,
    /// ONNX Runtime Web on WebGPU.
    OrtWebgpu,
}

/// One of Lookout's workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// wasm with SIMD.
    Cpu,
    /// WebGPU.
    Gpu,
}

/// What runs WebGPU and WebGL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Adapter {
    /// SwiftShader, on the processor: there on every machine.
    Software,
    /// This machine's GPU.
    Hardware,
}

/// What `tests/bench/bench.mjs` is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan<'a> {
    only: Vec<Measure>,
    layers: bool,
    tasks: bool,
    systems: Vec<systems::System>,
    backends: Vec<String>,
    peers: Vec<String>,
    rounds: u32,
    cold_rounds: u32,
    photos: u32,
    photo: &'a str,
    photos_folder: PathBuf,
    adapter: Adapter,
    megabits: f64,
    latency: f64,
    timeout: u32,
    out: PathBuf,
    dist: PathBuf,
    /// The folder that is served, to be filled.
    site: PathBuf,
    /// Where it is served.
    server: String,
    /// For files that the bench makes and can make again.
    scratch: PathBuf,
    /// Folders of files that were compressed before.
    compressed: Vec<PathBuf>,
    chromium: PathBuf,
    /// The folder of the TensorFlow.js graph.
    model: PathBuf,
    onnx: Option<PathBuf>,
    /// Why there is no `onnx`.
    onnx_missing: Option<String>,
    /// Another checkout with a build.
    against: Option<PathBuf>,
}

/// Measures and prints one table.
///
/// # Errors
/// When the set-up fails or Lookout itself cannot be measured. A peer that cannot be measured is a row that says so.
pub fn bench(project: &Project, options: &Options) -> Result<()> {
    if !options.no_build {
        build::build(project, &build::Options::default())?;
    }
    let chromium = chromium::find_or_install()?;
    let folder = project.root().join("tests/bench");
    npm::install_locked(&folder).context("cannot install the benchmark's packages")?;
    let graph = weights::graph(project, "ssd")?;
    let scratch = project.target().join("bench");
    std::fs::create_dir_all(&scratch)?;
    let site = scratch.join("site");
    let free_port = serve::Options { port: 0, host: IpAddr::from([127, 0, 0, 1]), sub_path: "/".into() };
    let server = serve::serve_beside(&site, &free_port)?;
    let only = measures(options);
    let systems = match &options.systems {
        Some(wanted) => systems::systems(project, wanted)?,
        None => vec![],
    };
    // Layers, tasks, systems and rows of photos are Lookout's own.
    let peers = if only.is_empty() { Vec::new() } else { peers(&options.peers) };
    let onnx = if peers.iter().any(|peer| peer.starts_with("ort")) {
        say("Converting", "the network to ONNX");
        onnx::convert(&folder, &graph, &scratch)
    } else {
        Ok(None)
    };
    let (onnx, onnx_missing) = match onnx {
        Ok(path) => (path, None),
        Err(error) => {
            say("Missing", format_args!("ONNX Runtime Web will not be measured: {error:#}"));
            (None, Some(format!("{error}")))
        }
    };
    let plan = Plan {
        only,
        layers: options.layers,
        tasks: options.tasks,
        systems,
        backends: options.backends.iter().map(name).collect(),
        peers,
        rounds: options.rounds,
        cold_rounds: options.visit_rounds,
        photos: options.photos,
        photo: &options.photo,
        photos_folder: project.root().join("assets/photos"),
        adapter: options.adapter,
        megabits: options.megabits,
        latency: options.latency,
        timeout: options.timeout,
        out: options.out.clone().unwrap_or_else(|| project.target().join("bench.json")),
        dist: serve::dist(project)?,
        site,
        server,
        compressed: vec![project.scratch().join("compressed")],
        scratch,
        chromium,
        model: graph.parent().map(Path::to_owned).context("the graph lies in a folder")?,
        onnx,
        onnx_missing,
        against: options.against.as_deref().map(other_checkout).transpose()?,
    };
    let mut node = Command::new("node");
    node.arg("bench.mjs").arg(serde_json::to_string(&plan)?).current_dir(&folder);
    say("Running", "tests/bench/bench.mjs");
    let status = node.status().context("cannot start `node`: install Node.js 20 or newer")?;
    anyhow::ensure!(status.success(), "the benchmark failed ({status}); see above");
    say("Wrote", plan.out.display());
    Ok(())
}

/// A checkout whose build can be measured.
fn other_checkout(folder: &Path) -> Result<PathBuf> {
    let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
    anyhow::ensure!(folder.join("dist/index.html").is_file(), "{} has no build in dist/", folder.display());
    Ok(folder)
}

fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().expect("no variant is skipped").get_name().to_owned()
}

/// What the table holds.
fn measures(options: &Options) -> Vec<Measure> {
    if options.only.is_empty() && !options.layers && !options.tasks && options.systems.is_none() && options.photos == 0
    {
        return Measure::value_variants().to_vec();
    }
    options.only.clone()
}

/// The peers asked for, by their names in `tests/bench/subjects.mjs`.
fn peers(asked: &[Peer]) -> Vec<String> {
    let all = asked.contains(&Peer::All);
    let wanted = |peer: &&Peer| !matches!(peer, Peer::All | Peer::None) && (all || asked.contains(peer));
    Peer::value_variants().iter().filter(wanted).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_and_none_stand_for_lists() {
        assert_eq!(peers(&[Peer::None]), Vec::<String>::new());
        assert_eq!(peers(&[Peer::All]).len(), Peer::value_variants().len() - 2);
        assert_eq!(peers(&[Peer::OrtWasm, Peer::TfjsWebgl]), ["tfjs-webgl", "ort-wasm"]);
    }

    #[test]
    fn every_name_is_a_subject_of_the_bench() {
        let subjects = include_str!("../../../tests/bench/subjects.mjs");
        let ours = Backend::value_variants().iter().map(|backend| format!("ours-{}", name(backend)));
        for id in peers(&[Peer::All]).into_iter().chain(ours) {
            assert!(subjects.contains(&format!("id: '{id}'")), "{id}");
        }
    }
}
