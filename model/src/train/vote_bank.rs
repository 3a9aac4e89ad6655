//! The detector's votes on the views of a bank, on disk: computed from the bank's maps, in float16.

use std::{fs::File, os::unix::fs::FileExt, path::Path};

use burn::tensor::{Device, Tensor, TensorData};
use half::{f16, slice::HalfFloatSliceExt};
use indicatif::ProgressBar;

use super::{
    TrainError,
    bank::{Bank, MAPS, Map, Place, Progress, SPREAD, features},
};
use crate::{
    backbone::Features,
    heads::votes::{COARSE_MAPS, VOTES, Votes},
    systems::{read, ssd::Ssd},
};

/// Shapes of a record's two maps: strides 16 and 32.
const SHAPES: [[usize; 3]; 2] = [
    [MAPS[Map::Stride16 as usize][0], MAPS[Map::Stride16 as usize][1], VOTES],
    [MAPS[Map::Stride32 as usize][0], MAPS[Map::Stride32 as usize][1], COARSE_MAPS * VOTES],
];

/// Numbers of a map.
const fn numbers(map: usize) -> usize {
    SHAPES[map][0] * SHAPES[map][1] * SHAPES[map][2]
}

/// Bytes of a record.
const RECORD: usize = 2 * (numbers(0) + numbers(1));
/// Views between two notes of progress.
const CHUNK: usize = 64;

/// The votes on the views of a bank.
pub struct VoteBank {
    file: File,
}

impl VoteBank {
    /// Opens the votes that lie beside a bank, computing what is not there yet.
    ///
    /// # Arguments
    /// * `path` - the bank's file.
    /// * `bank` - the bank.
    /// * `detector` - on burn's own CPU backend.
    ///
    /// # Errors
    /// When the bank cannot be read, the network fails, or the disk is full.
    pub fn open(path: &Path, bank: &Bank, detector: &Ssd) -> Result<Self, TrainError> {
        let path = path.with_extension("votes");
        let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let votes = Self { file: options.map_err(TrainError::file(&path))? };
        let progress = Progress::of_votes(&path);
        let mut done = progress.read();
        let bar = ProgressBar::new(bank.views.len() as u64).with_position(done as u64);
        while done < bank.views.len() {
            let end = (done + CHUNK).min(bank.views.len());
            let middle = usize::midpoint(done, end);
            // As for the bank: two views side by side.
            std::thread::scope(|scope| -> Result<(), TrainError> {
                let second = scope.spawn(|| (middle..end).try_for_each(|i| votes.compute(i, bank, detector)));
                (done..middle).try_for_each(|i| votes.compute(i, bank, detector))?;
                second.join().expect("the thread does not panic")
            })?;
            done = end;
            progress.write(done)?;
            bar.set_position(done as u64);
        }
        bar.finish_and_clear();
        Ok(votes)
    }

    fn compute(&self, i: usize, bank: &Bank, detector: &Ssd) -> Result<(), TrainError> {
        let Votes { stride_16, stride_32 } = detector.votes(&detector.maps(&as_given(bank, i)?));
        let maps = pollster::block_on(read(vec![stride_16, stride_32]))?;
        let mut record = Vec::with_capacity(RECORD);
        for map in maps {
            let mut half = vec![f16::ZERO; map.len()];
            half.convert_from_f32_slice(&map);
            record.extend(half.iter().flat_map(|v| v.to_le_bytes()));
        }
        self.file
            .write_all_at(&record, (i * RECORD) as u64)
            .map_err(|error| TrainError::File("the votes".into(), error))
    }

    /// One of the two maps of a view, appended to `out`.
    fn map(&self, i: usize, map: usize, out: &mut Vec<f32>) -> Result<(), TrainError> {
        let mut bytes = vec![0; 2 * numbers(map)];
        let at = i * RECORD + 2 * if map == 0 { 0 } else { numbers(0) };
        let read = self.file.read_exact_at(&mut bytes, at as u64);
        read.map_err(|error| TrainError::File("the votes".into(), error))?;
        out.extend(bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()));
        Ok(())
    }
}

/// The maps of one view as the backbone gave them, on burn's own CPU backend.
///
/// # Errors
/// When the bank cannot be read.
pub fn as_given(bank: &Bank, view: usize) -> Result<Features, TrainError> {
    let mut features = features(std::slice::from_ref(bank), &[Place { bank: 0, view }], &Device::flex())?;
    features.stride_4 = features.stride_4 * SPREAD[Map::Stride4 as usize];
    features.stride_8 = features.stride_8 * SPREAD[Map::Stride8 as usize];
    features.stride_16_wide = features.stride_16_wide * SPREAD[Map::Stride16 as usize];
    features.stride_32 = features.stride_32 * SPREAD[Map::Stride32 as usize];
    Ok(features)
}

/// The votes on several views as a batch.
///
/// # Errors
/// When they cannot be read.
pub fn votes(banks: &[VoteBank], places: &[Place], device: &Device) -> Result<Votes, TrainError> {
    let batch = |map: usize| -> Result<Tensor<4>, TrainError> {
        let mut values = Vec::with_capacity(places.len() * numbers(map));
        for place in places {
            banks[place.bank].map(place.view, map, &mut values)?;
        }
        let [height, width, channels] = SHAPES[map];
        Ok(Tensor::from_data(TensorData::new(values, [places.len(), height, width, channels]), device))
    };
    Ok(Votes { stride_16: batch(0)?, stride_32: batch(1)? })
}
