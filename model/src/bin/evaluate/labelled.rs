//! What measuring on labelled photos has in common: which photos, with which weights, and how long it took.

use std::{path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use model::{
    annotate::{NetworkError, WeightFiles, replacements, system},
    catalog::{System, Task},
    data::folder::{DataFolder, Part},
    measure::Subject,
    nn::weights::Network,
    systems::{Detector, Networks, load},
};

/// Which photos, with which weights.
#[derive(Args)]
pub struct Arguments {
    /// A folder with photos in `photos` and labels as the training data has them; kinds of labels that it lacks are left
    /// out.
    #[arg(long)]
    pub data: PathBuf,
    /// Which photos, by their names: those for measuring, the others, or all.
    #[arg(long, value_enum, default_value = "dev")]
    part: Labels,
    /// The head's weights [default: HEAD.bpk, where `annotate` looks for it].
    #[arg(long)]
    weights: Option<PathBuf>,
    /// The weights of the detector with the backbone [default: ssd.bpk, likewise].
    #[arg(long)]
    detector: Option<PathBuf>,
}

/// Which of a task's systems, on which photos.
#[derive(Args)]
pub struct OfTask {
    /// The system, by its key [default: the one that measures best].
    #[arg(long, value_parser = system)]
    system: Option<System>,
    #[command(flatten)]
    pub labelled: Arguments,
}

/// [`Part`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Labels {
    /// One photo in ten, by the checksum of its name.
    Dev,
    /// The other nine.
    Train,
    /// All.
    All,
}

impl From<Labels> for Part {
    fn from(labels: Labels) -> Self {
        match labels {
            Labels::Dev => Self::Dev,
            Labels::Train => Self::Train,
            Labels::All => Self::All,
        }
    }
}

/// A system, and the photos to measure it on.
pub struct Bench {
    /// The photos.
    pub data: DataFolder,
    /// Which of them.
    pub part: Part,
    system: System,
    detector: Box<dyn Detector>,
    networks: Networks<WeightFiles>,
}

impl Arguments {
    /// Loads a system and lists the photos.
    ///
    /// # Errors
    /// When weights are missing, unreadable or another network's.
    pub fn set_up(&self, system: System) -> Result<Bench, NetworkError> {
        let own = replacements(system, self.weights.as_deref());
        let replaced = own.into_iter().chain(self.detector.clone().map(|path| ("ssd", path))).collect();
        let networks = Networks::new(WeightFiles { replaced }, Device::flex());
        let detector = pollster::block_on(load(system, &networks))?;
        Ok(Bench { data: DataFolder::open(&self.data), part: self.part.into(), system, detector, networks })
    }

    /// Says that a kind of labels is not there.
    pub fn left_out(&self, what: &str) {
        eprintln!("left out: there is no {}", self.data.join(what).display());
    }
}

impl OfTask {
    /// Loads the system and lists the photos.
    ///
    /// # Errors
    /// When the system answers another task, or as [`Arguments::set_up`].
    pub fn set_up(&self, task: Task, best: System) -> Result<Bench> {
        let system = self.system.unwrap_or(best);
        ensure!(system.info().task == task, "{} is not a system of this task", system.key());
        println!("# {}", system.key());
        Ok(self.labelled.set_up(system)?)
    }
}

impl Bench {
    /// The system as measures take it.
    pub fn subject(&self) -> Subject<'_> {
        Subject { system: self.system, detector: self.detector.as_ref(), device: self.networks.device() }
    }

    /// The device that the system is on.
    pub const fn device(&self) -> &Device {
        self.networks.device()
    }

    /// One of the system's networks.
    ///
    /// # Errors
    /// When it is not loaded yet and its weights are missing, unreadable or another network's.
    pub fn network<N: Network>(&self, name: &'static str) -> Result<Arc<N>, NetworkError> {
        Ok(pollster::block_on(self.networks.get(name))?)
    }
}

/// Runs something with a progress bar and says how many photos it did a second.
///
/// # Arguments
/// * `job` - calls its argument after each photo.
pub fn timed<T, E: Into<anyhow::Error>>(
    photos: usize,
    job: impl FnOnce(&(dyn Fn() + Sync)) -> Result<T, E>,
) -> Result<T> {
    let (bar, start) = (ProgressBar::new(photos as u64), Instant::now());
    let done = job(&|| bar.inc(1)).map_err(Into::into);
    bar.finish_and_clear();
    let done = done?;
    println!("# {photos} photos, {:.1} a second", photos as f64 / start.elapsed().as_secs_f64());
    Ok(done)
}

/// A number as the tables have it: four digits, or `-` where there is nothing to measure.
pub fn digits(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}
