//! Semantic segmentation: which classes pixels are taken for, and intersection over union per class as PASCAL VOC counts
//! it (Everingham et al. 2010, section 4.3): over the pixels of all photos together.

use crate::structures::class_map::CLASSES;

/// Pixels with this label are not measured.
pub const IGNORED: u8 = 255;

/// How many pixels of each class were taken for each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// `[truth][found]`.
    pixels: Vec<[u64; CLASSES.len()]>,
}

impl Default for Confusion {
    fn default() -> Self {
        Self { pixels: vec![[0; CLASSES.len()]; CLASSES.len()] }
    }
}

impl Confusion {
    /// Counts the pixels of one photo.
    ///
    /// # Arguments
    /// * `truth` - the label of each pixel; what is no class ([`IGNORED`] above all) is left out.
    /// * `found` - the class that each was taken for.
    ///
    /// # Panics
    /// When there are not as many of one as of the other, or when something was taken for what is no class.
    pub fn add(&mut self, truth: &[u8], found: &[u8]) {
        assert_eq!(truth.len(), found.len(), "both are maps of one photo");
        for (&truth, &found) in truth.iter().zip(found) {
            if let Some(row) = self.pixels.get_mut(usize::from(truth)) {
                row[usize::from(found)] += 1;
            }
        }
    }

    /// Counts what another one has counted.
    pub fn add_all(&mut self, other: &Self) {
        for (ours, theirs) in self.pixels.iter_mut().flatten().zip(other.pixels.iter().flatten()) {
            *ours += theirs;
        }
    }

    /// Pixels of one class that were taken for another, or for itself.
    #[must_use]
    pub fn pixels(&self, truth: usize, found: usize) -> u64 {
        self.pixels[truth][found]
    }

    /// Intersection over union of a class; `None` when no pixel is of it or was taken for it.
    #[must_use]
    pub fn iou(&self, class: usize) -> Option<f64> {
        let right = self.pixels[class][class];
        let truth: u64 = self.pixels[class].iter().sum();
        let found: u64 = self.pixels.iter().map(|row| row[class]).sum();
        let union = truth + found - right;
        (union > 0).then(|| right as f64 / union as f64)
    }

    /// The mean over those of some classes that have an intersection over union; `None` when none has.
    #[must_use]
    pub fn mean_iou(&self, classes: impl IntoIterator<Item = usize>) -> Option<f64> {
        let values: Vec<f64> = classes.into_iter().filter_map(|class| self.iou(class)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The share of pixels that were taken for what they are; `None` without pixels.
    #[must_use]
    pub fn pixel_accuracy(&self) -> Option<f64> {
        let all: u64 = self.pixels.iter().flatten().sum();
        let right: u64 = (0..self.pixels.len()).map(|class| self.pixels[class][class]).sum();
        (all > 0).then(|| right as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_pixels_by_hand() {
        let mut confusion = Confusion::default();
        confusion.add(&[0, 0, 0], &[0, 0, 8]);
        let mut other = Confusion::default();
        other.add(&[8, 8, IGNORED, 0], &[8, 12, 8, 0]);
        confusion.add_all(&other);
        assert_eq!(confusion.iou(0), Some(0.75));
        assert_eq!(confusion.iou(8), Some(1.0 / 3.0));
        assert_eq!(confusion.iou(12), Some(0.0), "taken for a dog, though there is none");
        assert_eq!(confusion.iou(15), None);
        assert_eq!(confusion.mean_iou([0, 12, 15]), Some(0.375));
        assert_eq!(confusion.mean_iou([15]), None);
        assert_eq!(confusion.pixel_accuracy(), Some(4.0 / 6.0));
        assert_eq!((confusion.pixels(8, 12), confusion.pixels(12, 8)), (1, 0));
        assert_eq!(Confusion::default().pixel_accuracy(), None);
    }
}
