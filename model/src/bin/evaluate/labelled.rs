//! What measuring on labelled photos has in common: which photos, with which weights, and how long it took.

use std::{path::PathBuf, time::Instant};

use anyhow::Result;
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use model::{
    annotate::{SetUpError, System, load_network},
    data::folder::{DataFolder, Part},
    measure::Viewer,
    nn::weights::WeightsError,
    systems::ssd::Ssd,
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
    /// The head's weights [default: assets/weights/HEAD.bpk].
    #[arg(long)]
    weights: Option<PathBuf>,
    /// The weights of the detector with the backbone.
    #[arg(long, default_value = System::Ssd.default_weights())]
    detector: PathBuf,
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

/// A head on its backbone, and the photos to try it on.
pub struct Bench<N> {
    /// The photos.
    pub data: DataFolder,
    /// Which of them.
    pub part: Part,
    /// The head.
    pub head: N,
    detector: Ssd,
    device: Device,
}

impl Arguments {
    /// Loads the networks and lists the photos.
    ///
    /// # Errors
    /// When weights are missing, unreadable or another network's.
    pub fn set_up<N>(
        &self,
        system: System,
        load: impl FnOnce(Vec<u8>, &Device) -> Result<N, WeightsError>,
    ) -> Result<Bench<N>, SetUpError> {
        let device = Device::flex();
        let own = self.weights.clone().unwrap_or_else(|| system.default_weights().into());
        Ok(Bench {
            data: DataFolder::open(&self.data),
            part: self.part.into(),
            head: load_network(&own, |bytes| load(bytes, &device))?,
            detector: load_network(&self.detector, |bytes| Ssd::load(bytes, &device))?,
            device,
        })
    }

    /// Says that a kind of labels is not there.
    pub fn left_out(&self, what: &str) {
        eprintln!("left out: there is no {}", self.data.join(what).display());
    }
}

impl<N> Bench<N> {
    /// The backbone that looks at photos.
    pub const fn viewer(&self) -> Viewer<'_> {
        Viewer { detector: &self.detector, device: &self.device }
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
