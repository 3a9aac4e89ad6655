//! Running systems on labelled photos and measuring what they say. The photos are shared out among the processor's cores.

pub mod boxes;
pub mod caption;
pub mod localize;
pub mod mask;
pub mod proposals;
pub mod segment;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use burn::tensor::Device;

use crate::{
    backbone::PhotoFeatures,
    catalog::System,
    data::folder::DataError,
    device::RunError,
    heads::ssd::Ssd,
    photo::{Photo, PhotoError},
    run::Run,
    structures::rle::RleError,
    systems::{Detector, Settings, run_photo},
};

/// Why a photo could not be measured, which ends the measuring: leaving it out would change the number.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Its labels cannot be read.
    #[error(transparent)]
    Labels(#[from] DataError),
    /// The photo cannot be read.
    #[error("{}: {}", .0.display(), .1)]
    Photo(PathBuf, PhotoError),
    /// A network failed on it.
    #[error("{}: {}", .0.display(), .1)]
    Run(PathBuf, RunError),
    /// A labelled mask cannot be read.
    #[error("{0}: {1}")]
    Mask(String, RleError),
    /// The system says nothing of the kind that is measured.
    #[error("{} says nothing that can be measured so", .0.info().title)]
    NoResult(System),
}

/// A system that photos are measured with.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Which one.
    pub system: System,
    /// It, with its networks.
    pub detector: &'a dyn Detector,
    /// Where it runs.
    pub device: &'a Device,
}

impl Subject<'_> {
    /// Reads a photo and runs the system on it.
    ///
    /// # Errors
    /// When the photo cannot be read or a network fails.
    pub fn run(&self, file: &Path, settings: &Settings) -> Result<(Photo, Run), Failure> {
        let photo = open(file)?;
        let run = finish(file, run_photo(self.system, self.detector, &photo, self.device, settings))?;
        Ok((photo, run))
    }
}

/// Reads a photo and runs the backbone on it.
///
/// # Errors
/// When the photo cannot be read.
pub fn features(detector: &Ssd, file: &Path, device: &Device) -> Result<PhotoFeatures, Failure> {
    Ok(detector.photo_features(&open(file)?, device))
}

fn open(file: &Path) -> Result<Photo, Failure> {
    Photo::open(file).map_err(|error| Failure::Photo(file.to_owned(), error))
}

/// Runs what a system does on a photo to its end.
fn finish<T>(file: &Path, run: impl Future<Output = Result<T, RunError>>) -> Result<T, Failure> {
    pollster::block_on(run).map_err(|error| Failure::Run(file.to_owned(), error))
}

/// Does a job for each of some items on all cores.
///
/// # Arguments
/// * `tick` - called after each item, for a progress bar.
///
/// # Returns
/// What came of each, in their order.
///
/// # Errors
/// The first failure; items not begun by then are left.
fn each<T: Sync, R: Send>(
    items: &[T],
    tick: &(dyn Fn() + Sync),
    job: impl Fn(&T) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R, Failure>)>> = Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(i) else { return };
            let result = job(item);
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            // A worker that panicked ends the scope with its panic: nobody reads what it left.
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((i, result));
            tick();
        }
    };
    std::thread::scope(|scope| {
        let others = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
        for _ in 0..others.min(items.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|&(i, _)| i);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_and_every_item_ticks() {
        let ticks = AtomicUsize::new(0);
        let items: Vec<usize> = (0..100).collect();
        let tick = || {
            ticks.fetch_add(1, Ordering::Relaxed);
        };
        let doubled = each(&items, &tick, |&item| Ok(item * 2)).expect("nothing fails");
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(ticks.into_inner(), 100);
        assert!(each(&[0; 0], &|| {}, |&item| Ok(item)).expect("nothing fails").is_empty());
    }

    #[test]
    fn the_first_failure_ends_it() {
        let items: Vec<usize> = (0..100_000).collect();
        let begun = AtomicUsize::new(0);
        let result = each(&items, &|| {}, |&item| {
            begun.fetch_add(1, Ordering::Relaxed);
            if item == 3 { Err(Failure::Photo(PathBuf::from("3"), PhotoError::NoPixels)) } else { Ok(()) }
        });
        assert!(matches!(result, Err(Failure::Photo(file, _)) if file == Path::new("3")));
        assert!(begun.into_inner() < items.len(), "items behind the failure are left");
    }
}
