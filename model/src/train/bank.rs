//! The backbone's maps of many views, on disk: records of one length, in float16, with the view's class mask.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use burn::tensor::{Device, Tensor, TensorData};
use half::{f16, slice::HalfFloatSliceExt};
use indicatif::ProgressBar;

use super::{TrainError, labels::Folder, view::View};
use crate::{
    backbone::Features,
    systems::{
        read,
        ssd::{INPUT, Ssd},
    },
};

/// Shapes of the maps that a record holds, in its order: strides 4, 8, 16 (wide) and 32.
pub const MAPS: [[usize; 3]; 4] = [[75, 75, 24], [38, 38, 32], [19, 19, 576], [10, 10, 1280]];
/// Root mean square of each of [`MAPS`], measured on animal photos. Heads learn from maps divided by it, so that no map
/// drowns another, and [`super::course::pack`] folds the division into the weights.
pub const SPREAD: [f32; 4] = [3.8, 3.5, 0.85, 0.25];
/// Pixels of the class mask of a view.
const LABELS: usize = INPUT * INPUT;
/// What a mask says where nobody knows.
pub const UNKNOWN: u8 = 255;
/// Views between two notes of progress.
const CHUNK: usize = 64;

/// Which of [`MAPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    /// Stride 4.
    Stride4,
    /// Stride 8.
    Stride8,
    /// Stride 16, the wide one.
    Stride16,
    /// Stride 32.
    Stride32,
}

/// Numbers of a map.
const fn numbers(map: usize) -> usize {
    MAPS[map][0] * MAPS[map][1] * MAPS[map][2]
}

/// Bytes of a record.
const RECORD: usize = 2 * (numbers(0) + numbers(1) + numbers(2) + numbers(3)) + LABELS;

/// The maps of some views.
pub struct Bank {
    /// The views, in the order of the records.
    pub views: Vec<View>,
    file: File,
}

impl Bank {
    /// Opens a bank, computing what is not there yet; an interrupted computation goes on where it stopped.
    ///
    /// # Arguments
    /// * `path` - the bank's file; its progress lies beside it.
    /// * `views` - what it should hold; a bank of other views is computed anew.
    /// * `folder` - the photos and masks.
    /// * `ssd`, `device` - the network, and where it is.
    ///
    /// # Errors
    /// When a photo cannot be read, the network fails, or the disk is full.
    pub fn open(
        path: &Path,
        views: Vec<View>,
        folder: &Folder,
        ssd: &Ssd,
        device: &Device,
    ) -> Result<Self, TrainError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(TrainError::file(parent))?;
        }
        let list = path.with_extension("views.json");
        let text = serde_json::to_string(&views).expect("views are plain values");
        let progress = Progress(path.with_extension("done"));
        if fs::read_to_string(&list).ok().as_deref() != Some(&text) {
            progress.write(0)?;
            Progress::of_votes(path).write(0)?;
            fs::write(&list, text).map_err(TrainError::file(&list))?;
        }
        let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let bank = Self { views, file: options.map_err(TrainError::file(path))? };
        bank.fill(&progress, folder, ssd, device)?;
        Ok(bank)
    }

    fn fill(&self, progress: &Progress, folder: &Folder, ssd: &Ssd, device: &Device) -> Result<(), TrainError> {
        let mut done = progress.read();
        let bar = ProgressBar::new(self.views.len() as u64).with_position(done as u64);
        while done < self.views.len() {
            let end = (done + CHUNK).min(self.views.len());
            let middle = (done + end) / 2;
            // burn's CPU backend runs our kernels on one thread: two views side by side.
            std::thread::scope(|scope| -> Result<(), TrainError> {
                let second = scope.spawn(|| (middle..end).try_for_each(|i| self.compute(i, folder, ssd, device)));
                (done..middle).try_for_each(|i| self.compute(i, folder, ssd, device))?;
                second.join().expect("the thread does not panic")
            })?;
            done = end;
            progress.write(done)?;
            bar.set_position(done as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Runs the backbone on a view and writes its record.
    fn compute(&self, i: usize, folder: &Folder, ssd: &Ssd, device: &Device) -> Result<(), TrainError> {
        let view = &self.views[i];
        let input = TensorData::new(view.input(&folder.photo(&view.photo)?), [1, INPUT, INPUT, 3]);
        let (features, _) = ssd.features(Tensor::from_data(input, device));
        let Features { stride_4, stride_8, stride_16_wide, stride_32, .. } = features;
        let maps = pollster::block_on(read(vec![stride_4, stride_8, stride_16_wide, stride_32]))?;
        let mut record = Vec::with_capacity(RECORD);
        for map in maps {
            let mut half = vec![f16::ZERO; map.len()];
            half.convert_from_f32_slice(&map);
            record.extend(half.iter().flat_map(|v| v.to_le_bytes()));
        }
        match folder.mask(&view.photo)? {
            Some(mask) => record.extend(view.labels(&mask)),
            None => record.resize(RECORD, UNKNOWN),
        }
        self.file.write_all_at(&record, (i * RECORD) as u64).map_err(|error| TrainError::File("the bank".into(), error))
    }

    /// One map of a view divided by its [`SPREAD`], appended to `out`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn map(&self, i: usize, map: Map, out: &mut Vec<f32>) -> Result<(), TrainError> {
        let at: usize = (0..map as usize).map(numbers).sum();
        let mut bytes = vec![0; 2 * numbers(map as usize)];
        self.read(i, 2 * at, &mut bytes)?;
        let half: Vec<f16> = bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]])).collect();
        let start = out.len();
        out.resize(start + half.len(), 0.0);
        half.convert_to_f32_slice(&mut out[start..]);
        let factor = 1.0 / SPREAD[map as usize];
        out[start..].iter_mut().for_each(|value| *value *= factor);
        Ok(())
    }

    /// The class mask of a view, `[300, 300]`; [`UNKNOWN`] where nobody knows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn labels(&self, i: usize) -> Result<Vec<u8>, TrainError> {
        let mut labels = vec![0; LABELS];
        self.read(i, RECORD - LABELS, &mut labels)?;
        Ok(labels)
    }

    fn read(&self, i: usize, at: usize, bytes: &mut [u8]) -> Result<(), TrainError> {
        let place = (i * RECORD + at) as u64;
        self.file.read_exact_at(bytes, place).map_err(|error| TrainError::File("the bank".into(), error))
    }
}

/// How many records are there, in a file of its own.
pub(super) struct Progress(PathBuf);

impl Progress {
    /// Of the votes that lie beside a bank.
    pub(super) fn of_votes(path: &Path) -> Self {
        Self(path.with_extension("votes.done"))
    }

    pub(super) fn read(&self) -> usize {
        fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    pub(super) fn write(&self, done: usize) -> Result<(), TrainError> {
        fs::write(&self.0, done.to_string()).map_err(TrainError::file(&self.0))
    }
}

/// A view of one of several banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which bank.
    pub bank: usize,
    /// Which of its views.
    pub view: usize,
}

/// One map of several views as a batch, divided by its [`SPREAD`].
///
/// # Errors
/// When a bank cannot be read.
pub fn batch(banks: &[Bank], places: &[Place], map: Map, device: &Device) -> Result<Tensor<4>, TrainError> {
    let [height, width, channels] = MAPS[map as usize];
    let mut values = Vec::with_capacity(places.len() * numbers(map as usize));
    for place in places {
        banks[place.bank].map(place.view, map, &mut values)?;
    }
    Ok(Tensor::from_data(TensorData::new(values, [places.len(), height, width, channels]), device))
}

/// The maps that the pyramid reads, of several views, each divided by its [`SPREAD`].
///
/// # Errors
/// When a bank cannot be read.
pub fn features(banks: &[Bank], places: &[Place], device: &Device) -> Result<Features, TrainError> {
    let wide = batch(banks, places, Map::Stride16, device)?;
    let unused = Tensor::zeros([1, 1, 1, 1], device);
    Ok(Features {
        stride_4: batch(banks, places, Map::Stride4, device)?,
        stride_8: batch(banks, places, Map::Stride8, device)?,
        stride_16_early: unused.clone(),
        stride_16: unused,
        stride_16_wide: wide,
        stride_32: batch(banks, places, Map::Stride32, device)?,
    })
}
