//! What semantic segmentation says: a class for each pixel.

use serde::{Deserialize, Serialize};

/// The classes of a class map, by their number: PASCAL VOC's 20 and the background (Everingham et al. 2010).
#[rustfmt::skip]
pub const CLASSES: [&str; 21] = [
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "dining table",
    "dog", "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "tv monitor",
];

/// COCO's category ids of [`CLASSES`] after the background.
pub const COCO_IDS: [u16; 20] = [5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72];

/// A class for each pixel of a grid that covers the photo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassMap {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// The likeliest class of each pixel, an index into [`CLASSES`], row by row from the top left.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// The probability of that class, 0 to 255.
    #[serde(with = "serde_bytes")]
    pub certainty: Vec<u8>,
}

impl ClassMap {
    /// The map that scores on a coarser grid make, interpolated bilinearly between the centres of the grid's cells.
    ///
    /// # Arguments
    /// * `logits` - `[rows, columns, classes]`, at most 256 classes.
    /// * `grid` - `(rows, columns)`.
    /// * `size` - width and height of the map in pixels.
    #[must_use]
    pub fn from_logits(logits: &[f32], grid: (usize, usize), size: (usize, usize)) -> Self {
        let (rows, columns) = grid;
        let (width, height) = size;
        let classes = logits.len() / (rows * columns).max(1);
        let (down, across) = (taps(rows, height), taps(columns, width));
        let mut map = Self { width, height, labels: Vec::new(), certainty: Vec::new() };
        map.labels.reserve(width * height);
        map.certainty.reserve(width * height);
        let mut line = vec![0.0; columns * classes];
        let mut scores = vec![0.0; classes];
        for &(top, bottom, weight) in &down {
            let (upper, lower) = (&logits[top * columns * classes..], &logits[bottom * columns * classes..]);
            for ((out, a), b) in line.iter_mut().zip(upper).zip(lower) {
                *out = a + (b - a) * weight;
            }
            for &(left, right, weight) in &across {
                let (a, b) = (&line[left * classes..][..classes], &line[right * classes..][..classes]);
                for ((out, a), b) in scores.iter_mut().zip(a).zip(b) {
                    *out = a + (b - a) * weight;
                }
                let (label, certainty) = Self::best(&scores);
                map.labels.push(label);
                map.certainty.push(certainty);
            }
        }
        map
    }

    /// The best class and its probability under softmax, 0 to 255.
    #[must_use]
    pub fn best(scores: &[f32]) -> (u8, u8) {
        let (mut best, mut most) = (0, f32::NEG_INFINITY);
        for (class, &score) in scores.iter().enumerate() {
            if score > most {
                (best, most) = (class, score);
            }
        }
        // What is e^-8 times as likely does not show in a byte: leaving it out saves most of the exponentials.
        let sum: f32 = scores.iter().map(|score| score - most).filter(|&score| score > -8.0).map(f32::exp).sum();
        // At most 256 classes, by the contract; the probability is at most 1.
        (best as u8, (255.0 / sum).round() as u8)
    }

    /// The class at a place, and its probability (0 to 1); `None` outside the photo.
    ///
    /// # Arguments
    /// * `x`, `y` - fractions of the photo's width and height.
    #[must_use]
    pub fn at(&self, x: f32, y: f32) -> Option<(u8, f32)> {
        if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
            return None;
        }
        let place = (y * self.height as f32) as usize * self.width + (x * self.width as f32) as usize;
        Some((*self.labels.get(place)?, f32::from(*self.certainty.get(place)?) / 255.0))
    }

    /// The classes that occur, with their share of the pixels (0 to 1), largest first.
    #[must_use]
    pub fn shares(&self) -> Vec<(u8, f32)> {
        let mut counts = [0usize; 256];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        let total = self.labels.len().max(1) as f32;
        let found = counts.iter().enumerate().filter(|&(_, &count)| count > 0);
        // A label is a byte, so its index is one too.
        let mut shares: Vec<(u8, f32)> = found.map(|(label, &count)| (label as u8, count as f32 / total)).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }
}

/// For each of `count` pixels the two grid cells round its centre and the weight of the second; the border repeats.
pub(crate) fn taps(cells: usize, count: usize) -> Vec<(usize, usize, f32)> {
    let last = cells.saturating_sub(1);
    (0..count)
        .map(|i| {
            let at = ((i as f32 + 0.5) * cells as f32 / count as f32 - 0.5).clamp(0.0, last as f32);
            let first = at as usize;
            (first, (first + 1).min(last), at - first as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_by_hand() {
        // Two rows, one column, two classes: the upper cell is sure of class 0, the lower one of class 1.
        let map = ClassMap::from_logits(&[2.0, 0.0, 0.0, 2.0], (2, 1), (1, 4));
        assert_eq!(map.labels, [0, 0, 1, 1]);
        // A quarter of the way from one centre to the other: logits 1.5 and 0.5.
        let share = 1.0 / (1.0 + (-1.0f32).exp());
        assert_eq!(map.certainty[1], (share * 255.0).round() as u8);
        assert_eq!(map.shares(), [(0, 0.5), (1, 0.5)]);
        assert_eq!(map.at(0.5, 0.9).map(|it| it.0), Some(1));
        assert_eq!(map.at(0.5, 1.0), None);
        assert_eq!(map.at(-0.1, 0.5), None);
    }

    /// Between worker and page the maps travel as bytes; a file keeps numbers.
    #[test]
    fn json_keeps_numbers() {
        let map = ClassMap { width: 2, height: 1, labels: vec![0, 20], certainty: vec![7, 255] };
        let text = serde_json::to_string(&map).expect("a plain record");
        assert_eq!(text, r#"{"width":2,"height":1,"labels":[0,20],"certainty":[7,255]}"#);
        assert_eq!(serde_json::from_str::<ClassMap>(&text).expect("what was written"), map);
        let no_byte = text.replace("255", "256");
        assert!(serde_json::from_str::<ClassMap>(&no_byte).is_err());
    }

    #[test]
    fn one_cell_fills_the_photo() {
        let map = ClassMap::from_logits(&[0.0, 5.0, 0.0], (1, 1), (3, 2));
        assert_eq!((map.labels, map.width, map.height), (vec![1; 6], 3, 2));
    }
}
