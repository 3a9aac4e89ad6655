//! The backbone's maps of many views, on disk: records of one length, in float16, with the view's class mask.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    TrainError,
    labels::Folder,
    records::{Progress, Records, push_numbers},
    view::View,
};
use crate::{
    backbone::Features,
    device::read,
    heads::ssd::{INPUT, Ssd},
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
    records: Records,
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
        let progress = Progress::of_views(path, &views, &[Progress::of_votes(path)])?;
        let records = Records::open(path, RECORD)?;
        records.fill(views.len(), &progress, |i| record(&views[i], folder, ssd, device))?;
        Ok(Self { views, records })
    }

    /// One map of a view divided by its [`SPREAD`], appended to `out`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn map(&self, i: usize, map: Map, out: &mut Vec<f32>) -> Result<(), TrainError> {
        let at: usize = (0..map as usize).map(numbers).sum();
        self.records.numbers(i, at, numbers(map as usize), 1.0 / SPREAD[map as usize], out)
    }

    /// The class mask of a view, `[300, 300]`; [`UNKNOWN`] where nobody knows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn labels(&self, i: usize) -> Result<Vec<u8>, TrainError> {
        self.records.bytes(i, RECORD - LABELS, LABELS)
    }
}

/// Runs the backbone on a view: its record.
fn record(view: &View, folder: &Folder, ssd: &Ssd, device: &Device) -> Result<Vec<u8>, TrainError> {
    let input = TensorData::new(view.input(&folder.photo(&view.photo)?), [1, INPUT, INPUT, 3]);
    let features = ssd.features(Tensor::from_data(input, device));
    let Features { stride_4, stride_8, stride_16_wide, stride_32, .. } = features;
    let maps = pollster::block_on(read(vec![stride_4, stride_8, stride_16_wide, stride_32]))?;
    let mut record = Vec::with_capacity(RECORD);
    for map in maps {
        push_numbers(&mut record, &map);
    }
    match folder.mask(&view.photo)? {
        Some(mask) => record.extend(view.labels(&mask)),
        None => record.resize(RECORD, UNKNOWN),
    }
    Ok(record)
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
    Ok(Features {
        stride_4: batch(banks, places, Map::Stride4, device)?,
        stride_8: batch(banks, places, Map::Stride8, device)?,
        stride_16_wide: wide,
        stride_32: batch(banks, places, Map::Stride32, device)?,
        ..Features::unused(device)
    })
}
