//! The order of work on several photos, without a browser: which is looked at next, which is opened next, how far it is.

/// How far a photo is with the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its result is not there yet.
    Waiting,
    /// Its result is there.
    Done,
    /// It cannot be opened, or looked at.
    Failed,
}

/// A worker that has failed on a photo this often gets it no more.
pub const MAX_FAILURES: u32 = 2;

/// The photo to be looked at next: the first one that waits after the one on show, then before it. The one on show has a run
/// of its own.
///
/// # Arguments
/// * `photos` - numbers and standing, in the strip's order.
/// * `shown` - the number of the photo on show, if it is one of them.
pub fn next(photos: &[(u32, Standing)], shown: Option<u32>) -> Option<u32> {
    let begin = photos.iter().position(|it| Some(it.0) == shown).map_or(0, |at| at + 1);
    let (before, after) = photos.split_at(begin);
    let waits = |it: &&(u32, Standing)| it.1 == Standing::Waiting && Some(it.0) != shown;
    after.iter().chain(before).find(waits).map(|it| it.0)
}

/// The photo so many places after another one; the first or last one where the strip ends.
///
/// # Returns
/// `None` if that is the same one.
pub fn neighbour(photos: &[u32], of: Option<u32>, by: isize) -> Option<u32> {
    let last = photos.len().checked_sub(1)?;
    let to = match photos.iter().position(|&it| Some(it) == of) {
        Some(at) => at.saturating_add_signed(by).min(last),
        None if by < 0 => last,
        None => 0,
    };
    photos.get(to).copied().filter(|&it| Some(it) != of)
}

/// The photo to be shown when one is removed: the next one, or the one before where it was the last.
pub fn successor(photos: &[u32], removed: u32) -> Option<u32> {
    neighbour(photos, Some(removed), 1).or_else(|| neighbour(photos, Some(removed), -1))
}

/// A photo that takes less than this many milliseconds is quick: the task runs on all of them without being asked.
const QUICK_MS: f64 = 2_000.0;
/// A single photo that took less than this says nothing yet: weights may have been most of it.
const SLOW_MS: f64 = 20_000.0;
/// The task runs without being asked if the photos that wait take less than this many milliseconds in all.
const MAX_UNASKED_MS: f64 = 60_000.0;

/// What the photos that wait would take, if that is so long that the visitor is to decide.
///
/// # Arguments
/// * `known_ms` - milliseconds of the photos that are done, downloads included.
/// * `waiting` - the number of photos that wait.
///
/// # Returns
/// Milliseconds.
pub fn long_wait(known_ms: &[f64], waiting: usize) -> Option<f64> {
    // The first one also waits for weights: the quickest says what the others take, once there is a second one.
    let each = known_ms.iter().copied().reduce(f64::min)?;
    if known_ms.len() < 2 && each < SLOW_MS {
        return None;
    }
    let all = each * waiting as f64;
    (each > QUICK_MS && all > MAX_UNASKED_MS).then_some(all)
}

/// How far the task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Photos with a result.
    pub done: usize,
    /// Photos that failed.
    pub failed: usize,
    /// All photos.
    pub total: usize,
}

impl Progress {
    /// That of photos.
    pub fn of(photos: &[(u32, Standing)]) -> Self {
        let count = |standing| photos.iter().filter(|it| it.1 == standing).count();
        Self { done: count(Standing::Done), failed: count(Standing::Failed), total: photos.len() }
    }

    /// Whether no photo waits.
    pub const fn is_over(&self) -> bool {
        self.done + self.failed >= self.total
    }

    /// The part of the photos that do not wait, 0 to 1.
    pub fn part(&self) -> f64 {
        (self.done + self.failed) as f64 / self.total.max(1) as f64
    }

    /// In words.
    ///
    /// # Arguments
    /// * `is_stopped` - whether the visitor has stopped the task.
    /// * `asks` - what the photos that wait would take, in words, while the visitor is asked whether to go on.
    pub fn sentence(&self, is_stopped: bool, asks: Option<&str>) -> String {
        let Self { done, failed, total } = self;
        let mut words = match (self.is_over(), is_stopped) {
            (true, _) if *total == 1 => "1 photo".to_owned(),
            (true, _) => format!("{total} photos"),
            (false, false) if let Some(time) = asks => {
                let waiting = total - done - failed;
                format!("{done} of {total} looked at; the other {waiting} would take about {time}")
            }
            (false, true) => format!("Stopped: {done} of {total} looked at"),
            (false, false) => format!("{done} of {total} looked at"),
        };
        if *failed > 0 {
            words += &format!(", {failed} failed");
        }
        words
    }
}

/// Names for the files of an archive: no two alike, and no folders in them.
///
/// # Arguments
/// * `stems` - names without endings.
/// * `ending` - what each ends in.
pub fn archive_names(stems: &[&str], ending: &str) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    let plain = |stem: &str| stem.replace(['/', '\\', ':'], "-");
    let names = stems.iter().map(|stem| {
        let stem = plain(stem);
        let numbered = (2..).map(|number| format!("{stem}-{number}{ending}"));
        let mut names = std::iter::once(format!("{stem}{ending}")).chain(numbered);
        // Names differ in more than their case: some file systems know no other difference.
        names.find(|name| taken.insert(name.to_lowercase())).unwrap_or_default()
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::{Standing::*, *};

    #[test]
    fn what_comes_after_the_photo_on_show_is_looked_at_first() {
        let photos = [(1, Waiting), (2, Done), (3, Waiting), (4, Failed), (5, Waiting)];
        assert_eq!(next(&photos, Some(3)), Some(5));
        assert_eq!(next(&photos, Some(5)), Some(1));
        assert_eq!(next(&photos, Some(9)), Some(1), "another photo is on show");
        assert_eq!(next(&photos[1..2], None), None);
        assert_eq!(next(&photos[4..], Some(5)), None, "it has a run of its own");
    }

    #[test]
    fn all_photos_are_looked_at_once() {
        let mut photos: Vec<_> = (0..7).map(|number| (number, Waiting)).collect();
        let mut order = Vec::new();
        while let Some(number) = next(&photos, Some(4)) {
            photos[number as usize].1 = if number == 5 { Failed } else { Done };
            order.push(number);
        }
        assert_eq!(order, [5, 6, 0, 1, 2, 3]);
        assert_eq!(Progress::of(&photos), Progress { done: 5, failed: 1, total: 7 });
    }

    #[test]
    fn steps_end_at_the_ends() {
        let photos = [4, 8, 6];
        assert_eq!((neighbour(&photos, Some(4), 1), neighbour(&photos, Some(6), -1)), (Some(8), Some(8)));
        assert_eq!((neighbour(&photos, Some(6), 1), neighbour(&photos, Some(4), -1)), (None, None));
        assert_eq!((neighbour(&photos, Some(8), 99), neighbour(&photos, Some(8), -99)), (Some(6), Some(4)));
        assert_eq!((neighbour(&photos, None, 1), neighbour(&photos, None, -1)), (Some(4), Some(6)));
        assert_eq!(neighbour(&[], Some(4), 1), None);
    }

    #[test]
    fn the_next_photo_takes_the_place_of_a_removed_one() {
        assert_eq!(successor(&[4, 8, 6], 8), Some(6));
        assert_eq!(successor(&[4, 8, 6], 6), Some(8));
        assert_eq!(successor(&[4], 4), None);
    }

    #[test]
    fn progress_says_what_is_left_and_what_failed() {
        let progress = Progress { done: 3, failed: 1, total: 12 };
        assert_eq!(progress.sentence(false, None), "3 of 12 looked at, 1 failed");
        assert_eq!(progress.sentence(true, Some("9 min")), "Stopped: 3 of 12 looked at, 1 failed");
        assert_eq!(
            progress.sentence(false, Some("9 min")),
            "3 of 12 looked at; the other 8 would take about 9 min, 1 failed"
        );
        assert!((progress.part() - 1.0 / 3.0).abs() < 1e-9 && !progress.is_over());
        assert_eq!(Progress { done: 12, failed: 0, total: 12 }.sentence(true, None), "12 photos");
        assert_eq!(Progress { done: 1, failed: 0, total: 1 }.sentence(false, None), "1 photo");
    }

    #[test]
    fn a_slow_system_asks_before_it_runs_on_many_photos() {
        assert_eq!(long_wait(&[31_000.0], 20), Some(620_000.0));
        assert_eq!(long_wait(&[95_000.0, 31_000.0], 20), Some(620_000.0), "the first one fetched weights");
        assert_eq!(long_wait(&[7_000.0], 11), None, "that may have been the weights");
        assert_eq!(long_wait(&[7_000.0, 6_500.0], 10), Some(65_000.0));
        assert_eq!(long_wait(&[31_000.0], 1), None, "one more photo is no question");
        assert_eq!(long_wait(&[900.0], 200), None, "a quick one runs on");
        assert_eq!(long_wait(&[], 20), None);
    }

    #[test]
    fn no_two_files_of_an_archive_have_the_same_name() {
        let names = archive_names(&["a", "A", "b/c", "a", "a-2"], ".png");
        assert_eq!(names, ["a.png", "A-2.png", "b-c.png", "a-3.png", "a-2-2.png"]);
    }
}
