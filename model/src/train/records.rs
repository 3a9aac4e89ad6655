//! A file of records of one length, computed once and read in any order: what the banks are made of.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use half::{f16, slice::HalfFloatSliceExt};
use indicatif::ProgressBar;

use super::{TrainError, view::View};

/// Records between two notes of progress.
const CHUNK: usize = 64;

/// A file of records.
pub(super) struct Records {
    file: File,
    path: PathBuf,
    /// Bytes of a record.
    length: usize,
}

impl Records {
    /// Opens the file, which is made if it is not there.
    ///
    /// # Arguments
    /// * `length` - bytes of a record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn open(path: &Path, length: usize) -> Result<Self, TrainError> {
        let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
        Ok(Self { file: options.map_err(TrainError::file(path))?, path: path.to_owned(), length })
    }

    /// Computes the records that are not there yet; an interrupted computation goes on where it stopped.
    ///
    /// # Arguments
    /// * `count` - how many there are to be.
    /// * `compute` - makes one.
    ///
    /// # Errors
    /// That of `compute`, or when the disk is full.
    pub(super) fn fill(
        &self,
        count: usize,
        progress: &Progress,
        compute: impl Fn(usize) -> Result<Vec<u8>, TrainError> + Sync,
    ) -> Result<(), TrainError> {
        let write = |i: usize| {
            let written = self.file.write_all_at(&compute(i)?, (i * self.length) as u64);
            written.map_err(TrainError::file(&self.path))
        };
        let mut done = progress.read();
        let bar = ProgressBar::new(count as u64).with_position(done as u64);
        while done < count {
            let end = (done + CHUNK).min(count);
            let middle = usize::midpoint(done, end);
            // burn's CPU backend runs our kernels on one thread: two records side by side.
            std::thread::scope(|scope| -> Result<(), TrainError> {
                let second = scope.spawn(|| (middle..end).try_for_each(write));
                (done..middle).try_for_each(write)?;
                second.join().expect("the thread does not panic")
            })?;
            done = end;
            progress.write(done)?;
            bar.set_position(done as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Reads a part of a record.
    ///
    /// # Arguments
    /// * `at` - where in the record it begins, in bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn bytes(&self, i: usize, at: usize, count: usize) -> Result<Vec<u8>, TrainError> {
        let mut bytes = vec![0; count];
        let read = self.file.read_exact_at(&mut bytes, (i * self.length + at) as u64);
        read.map_err(TrainError::file(&self.path))?;
        Ok(bytes)
    }

    /// Reads float16 numbers of a record, each multiplied by a factor, and appends them to `out`.
    ///
    /// # Arguments
    /// * `at` - how many numbers precede them in the record.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn numbers(
        &self,
        i: usize,
        at: usize,
        count: usize,
        factor: f32,
        out: &mut Vec<f32>,
    ) -> Result<(), TrainError> {
        let bytes = self.bytes(i, 2 * at, 2 * count)?;
        let half: Vec<f16> = bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]])).collect();
        let start = out.len();
        out.resize(start + count, 0.0);
        half.convert_to_f32_slice(&mut out[start..]);
        out[start..].iter_mut().for_each(|value| *value *= factor);
        Ok(())
    }
}

/// Appends numbers to a record in float16.
pub(super) fn push_numbers(record: &mut Vec<u8>, numbers: &[f32]) {
    let mut half = vec![f16::ZERO; numbers.len()];
    half.convert_from_f32_slice(numbers);
    record.extend(half.iter().flat_map(|v| v.to_le_bytes()));
}

/// How many records are there, in a file of its own.
pub(super) struct Progress(pub(super) PathBuf);

impl Progress {
    /// Of the votes that lie beside a bank.
    pub(super) fn of_votes(path: &Path) -> Self {
        Self(path.with_extension("votes.done"))
    }

    /// Of a file with a record a view. What was computed of other views starts anew.
    ///
    /// # Arguments
    /// * `path` - the file; its folder is made if it is not there, the list of its views lies beside it.
    /// * `dependents` - of files that are computed from this one: they start anew with it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn of_views(path: &Path, views: &[View], dependents: &[Self]) -> Result<Self, TrainError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(TrainError::file(parent))?;
        }
        let list = path.with_extension("views.json");
        let text = serde_json::to_string(views).expect("views are plain values");
        let progress = Self(path.with_extension("done"));
        if fs::read_to_string(&list).ok().as_deref() != Some(&text) {
            progress.write(0)?;
            dependents.iter().try_for_each(|dependent| dependent.write(0))?;
            fs::write(&list, text).map_err(TrainError::file(&list))?;
        }
        Ok(progress)
    }

    fn read(&self) -> usize {
        fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    pub(super) fn write(&self, done: usize) -> Result<(), TrainError> {
        fs::write(&self.0, done.to_string()).map_err(TrainError::file(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_goes_on_where_it_stopped() {
        let folder = std::env::temp_dir().join(format!("lookout-records-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (records, progress) = (Records::open(&folder.join("some"), 4).unwrap(), Progress(folder.join("some.done")));
        let record = |i: usize| {
            let mut record = Vec::new();
            push_numbers(&mut record, &[i as f32, -0.5]);
            Ok(record)
        };
        records.fill(100, &progress, record).unwrap();
        let first = |i| if i < 100 { Err(TrainError::NoData("it was there".into())) } else { record(i) };
        records.fill(130, &progress, first).unwrap();
        let mut numbers = vec![7.0];
        records.numbers(120, 0, 2, 2.0, &mut numbers).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(numbers, [7.0, 240.0, -1.0]);
    }

    #[test]
    fn other_views_start_a_file_and_its_dependents_anew() {
        let folder = std::env::temp_dir().join(format!("lookout-progress-{}", std::process::id()));
        let (path, view) = (folder.join("some.maps"), View::whole("a"));
        let votes = || Progress::of_votes(&path);
        for (views, kept) in [(vec![view.clone()], 0), (vec![view.clone()], 5), (vec![view.clone(), view], 0)] {
            let progress = Progress::of_views(&path, &views, &[votes()]).unwrap();
            assert_eq!((progress.read(), votes().read()), (kept, kept), "{} views", views.len());
            progress.write(5).unwrap();
            votes().write(5).unwrap();
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
