//! Masks as the lengths of runs outside and inside in turn, down the first column, then the next ("run-length encoding" in
//! Lin et al. 2014). Polygons become pixels exactly as in COCO's own tools, so that areas and overlaps agree with theirs
//! (`tests/reference/masks`).

mod polygon;

/// Why a mask cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RleError {
    /// The runs do not fill the photo.
    #[error("the runs of a mask cover {covered} pixels of a photo of {width} x {height}")]
    Length {
        /// Pixels that the runs cover.
        covered: u64,
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// The text of compressed runs is not in its format.
    #[error("the compressed runs of a mask are damaged")]
    Text,
    /// The mask is for a photo of another size.
    #[error("a mask of {}x{} does not fit a photo of {}x{}", .0.0, .0.1, .1.0, .1.1)]
    Size((usize, usize), (usize, usize)),
    /// A polygon has half a point, or a coordinate that is not finite or far outside any photo.
    #[error("a polygon has a coordinate that is missing, not finite or far outside")]
    Polygon,
}

/// A mask of a photo in run lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rle {
    width: usize,
    height: usize,
    /// Pixels outside, inside, outside ... in turn, column by column. The first may be 0; they sum to all pixels.
    counts: Vec<u32>,
}

impl Rle {
    /// A mask from its run lengths, the first of them outside.
    ///
    /// # Arguments
    /// * `size` - width and height in pixels.
    ///
    /// # Errors
    /// [`RleError::Length`] unless the runs sum to all pixels.
    pub fn from_counts(size: (usize, usize), counts: Vec<u32>) -> Result<Self, RleError> {
        let (width, height) = size;
        let covered = counts.iter().copied().map(u64::from).sum();
        if covered == width as u64 * height as u64 {
            Ok(Self { width, height, counts })
        } else {
            Err(RleError::Length { covered, width, height })
        }
    }

    /// The pixels of a window of the photo for which `inside(x, y)` says so; nothing outside the window.
    ///
    /// # Arguments
    /// * `size` - width and height of the photo in pixels.
    /// * `columns`, `rows` - the window; what reaches beyond the photo is cut.
    #[must_use]
    pub fn from_window(
        size: (usize, usize),
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
        inside: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let mut toggles = Vec::new();
        let bottom = rows.end.min(size.1);
        for x in columns.start..columns.end.min(size.0) {
            let mut before = false;
            for y in rows.start..bottom {
                let now = inside(x, y);
                if now != before {
                    toggles.push(x * size.1 + y);
                }
                before = now;
            }
            if before {
                toggles.push(x * size.1 + bottom);
            }
        }
        Self::from_toggles(size, &toggles)
    }

    /// The pixels for which `inside(x, y)` says so.
    #[must_use]
    pub fn from_pixels(size: (usize, usize), inside: impl Fn(usize, usize) -> bool) -> Self {
        Self::from_window(size, 0..size.0, 0..size.1, inside)
    }

    /// The pixels of a polygon, as COCO's tools fill it.
    ///
    /// # Arguments
    /// * `points` - `x, y, x, y ...` in pixels; the last point is joined to the first.
    /// * `size` - width and height of the photo in pixels.
    ///
    /// # Errors
    /// [`RleError::Polygon`].
    pub fn from_polygon(points: &[f64], size: (usize, usize)) -> Result<Self, RleError> {
        Ok(Self::from_toggles(size, &polygon::toggles(points, size)?))
    }

    /// A mask from the places, ascending, at which inside and outside change; two changes at one place are none.
    fn from_toggles(size: (usize, usize), toggles: &[usize]) -> Self {
        let (width, height) = size;
        let total = width * height;
        let mut changes: Vec<usize> = Vec::with_capacity(toggles.len());
        for &at in toggles.iter().filter(|&&at| at < total) {
            if changes.last() == Some(&at) {
                changes.pop();
            } else {
                changes.push(at);
            }
        }
        changes.push(total);
        let starts = std::iter::once(0).chain(changes.iter().copied());
        // A photo has fewer than 2^32 pixels.
        let counts = changes.iter().zip(starts).map(|(end, start)| (end - start) as u32).collect();
        Self { width, height, counts }
    }

    /// Width and height of the photo in pixels.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The run lengths, the first of them outside.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The runs inside as (first, end) pixel numbers, counted down the columns.
    fn runs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut at = 0;
        self.counts.chunks(2).filter_map(move |pair| {
            let first = at + u64::from(pair[0]);
            at = first + pair.get(1).copied().map_or(0, u64::from);
            (at > first).then_some((first, at))
        })
    }

    /// Pixels inside.
    #[must_use]
    pub fn area(&self) -> u64 {
        self.counts.iter().skip(1).step_by(2).copied().map(u64::from).sum()
    }

    /// Pixels inside both masks; 0 for masks of different sizes.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> u64 {
        if self.size() != other.size() {
            return 0;
        }
        let (mut ours, mut theirs) = (self.runs().peekable(), other.runs().peekable());
        let mut both = 0;
        while let (Some(&a), Some(&b)) = (ours.peek(), theirs.peek()) {
            both += a.1.min(b.1).saturating_sub(a.0.max(b.0));
            if a.1 <= b.1 {
                ours.next();
            } else {
                theirs.next();
            }
        }
        both
    }

    /// The pixels inside any of the masks, which are of one photo; `None` when there are none or their sizes differ.
    #[must_use]
    pub fn union(masks: &[Self]) -> Option<Self> {
        let size = masks.first()?.size();
        if masks.iter().any(|mask| mask.size() != size) {
            return None;
        }
        let mut runs: Vec<(u64, u64)> = masks.iter().flat_map(Self::runs).collect();
        runs.sort_unstable();
        let mut toggles: Vec<usize> = Vec::new();
        for (first, end) in runs {
            // Pixel numbers are below the product of two `usize`s that is one itself.
            let (first, end) = (first as usize, end as usize);
            match toggles.last_mut() {
                Some(last) if *last >= first => *last = (*last).max(end),
                _ => toggles.extend([first, end]),
            }
        }
        Some(Self::from_toggles(size, &toggles))
    }

    /// Whether each pixel is inside, row by row from the top left.
    #[must_use]
    pub fn to_pixels(&self) -> Vec<bool> {
        let mut pixels = vec![false; self.width * self.height];
        for (first, end) in self.runs() {
            for at in first as usize..end as usize {
                pixels[at % self.height * self.width + at / self.height] = true;
            }
        }
        pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of `#` and `.`.
    fn drawn(rows: &[&str]) -> Rle {
        Rle::from_pixels((rows[0].len(), rows.len()), |x, y| rows[y].as_bytes()[x] == b'#')
    }

    #[test]
    fn runs_go_down_the_columns() {
        let mask = drawn(&["#..", ".##", ".#."]);
        assert_eq!(mask.counts(), [0, 1, 3, 2, 1, 1, 1]);
        assert_eq!((mask.area(), mask.size()), (4, (3, 3)));
        assert_eq!(mask.to_pixels(), [true, false, false, false, true, true, false, true, false]);
        assert_eq!(drawn(&["##", "##"]).counts(), [0, 4], "a run goes on in the next column");
        assert_eq!(drawn(&["..", ".."]).counts(), [4]);
    }

    #[test]
    fn windows_are_cut_at_the_photo() {
        let mask = Rle::from_window((3, 2), 1..9, 0..9, |_, _| true);
        assert_eq!(mask, drawn(&[".##", ".##"]));
        assert_eq!(Rle::from_window((3, 2), 1..2, 1..2, |_, _| true), drawn(&["...", ".#."]));
    }

    #[test]
    fn overlap_and_union() {
        let (a, b) = (drawn(&["##..", "##.."]), drawn(&[".##.", ".##."]));
        assert_eq!(a.intersection(&b), 2);
        assert_eq!(Rle::union(&[b, a.clone()]), Some(drawn(&["###.", "###."])));
        assert_eq!(Rle::union(&[a.clone(), drawn(&["#"])]), None);
        assert_eq!(a.intersection(&drawn(&["....", "...."])), 0);
        assert_eq!(Rle::union(&[]), None);
    }

    #[test]
    fn damaged_masks_are_errors() {
        assert_eq!(Rle::from_counts((2, 2), vec![1, 4]), Err(RleError::Length { covered: 5, width: 2, height: 2 }));
    }
}
