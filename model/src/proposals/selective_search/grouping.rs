//! Hierarchical grouping (algorithm 1 of the paper): the two most similar neighbours become one region, until one is left.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    histograms::{Histograms, overlap},
    segmentation::{Extent, Segments},
};

/// What two regions are compared by: the similarity is the mean of those that are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Similarities {
    /// Overlap of the colour histograms.
    pub colour: bool,
    /// Overlap of the texture histograms.
    pub texture: bool,
    /// Small regions first: one less their share of the photo.
    pub size: bool,
    /// Regions that fit into each other first: one less what their common box has beside them, as a share of the photo.
    pub fill: bool,
}

impl Similarities {
    /// All four.
    pub const ALL: Self = Self { colour: true, texture: true, size: true, fill: true };

    fn list(self) -> impl Iterator<Item = &'static str> {
        let all = [(self.colour, "colour"), (self.texture, "texture"), (self.size, "size"), (self.fill, "fill")];
        all.into_iter().filter_map(|(on, name)| on.then_some(name))
    }

    /// What it is made of, e.g. "colour, texture, size, fill".
    #[must_use]
    pub fn name(self) -> String {
        self.list().collect::<Vec<_>>().join(", ")
    }
}

/// A merge, its box in the search's pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelMerge {
    /// The two regions, the lower number first.
    pub regions: (u32, u32),
    /// The mean of the measures, 0 to 1.
    pub similarity: f32,
    /// The new region's box.
    pub extent: Extent,
    /// Merges between the new region and its furthest segment.
    pub level: u32,
}

/// Two neighbours: the bits of their similarity (not negative, so that bits and numbers have one order), then the older first.
type Pair = (u32, Reverse<u32>, Reverse<u32>);

/// Groups segments until one region is left.
pub fn group(segments: &Segments, histograms: &Histograms, similarities: Similarities) -> Vec<PixelMerge> {
    let mut regions = Regions::new(segments, histograms, similarities);
    let count = segments.sizes.len();
    let mut pairs: BinaryHeap<Pair> = BinaryHeap::new();
    for (a, neighbours) in neighbours(segments).into_iter().enumerate() {
        let later = neighbours.iter().filter(|&&b| b as usize > a);
        pairs.extend(later.map(|&b| regions.pair(a as u32, b)));
        regions.neighbours[a] = neighbours;
    }
    let mut merges = Vec::with_capacity(count.saturating_sub(1));
    // Pairs of a region that is part of another by now stay in the heap until they come up, or are too many.
    let mut most_pairs = 4 * pairs.len() + 1024;
    while let Some((bits, Reverse(a), Reverse(b))) = pairs.pop() {
        if !regions.is_alive(a) || !regions.is_alive(b) {
            continue;
        }
        let new = regions.merge(a, b);
        merges.push(PixelMerge {
            regions: (a, b),
            similarity: f32::from_bits(bits),
            extent: regions.extents[new as usize],
            level: regions.levels[new as usize],
        });
        for i in 0..regions.neighbours[new as usize].len() {
            let other = regions.neighbours[new as usize][i];
            pairs.push(regions.pair(other, new));
        }
        if pairs.len() > most_pairs {
            pairs.retain(|pair| regions.is_alive(pair.1.0) && regions.is_alive(pair.2.0));
            most_pairs = 2 * pairs.len() + 1024;
        }
    }
    merges
}

/// Regions, those that merges make behind the segments.
struct Regions {
    similarities: Similarities,
    /// One over the number of similarities, and over the pixels of the photo.
    share: f32,
    per_pixel: f32,
    colour: usize,
    stride: usize,
    histograms: Vec<f32>,
    sizes: Vec<u32>,
    extents: Vec<Extent>,
    levels: Vec<u32>,
    /// What each touches; regions that are part of another by now may still be listed. Empty for a region that is part of
    /// another itself.
    neighbours: Vec<Vec<u32>>,
    is_part: Vec<bool>,
    /// The last region whose list each was put into.
    listed: Vec<u32>,
}

impl Regions {
    fn new(segments: &Segments, histograms: &Histograms, similarities: Similarities) -> Self {
        let count = segments.sizes.len();
        let most = (2 * count).saturating_sub(1);
        let stride = histograms.stride();
        let mut values = Vec::with_capacity(most * stride);
        values.extend_from_slice(&histograms.values);
        Self {
            similarities,
            share: 1.0 / similarities.list().count().max(1) as f32,
            per_pixel: 1.0 / segments.labels.len().max(1) as f32,
            colour: histograms.colour,
            stride,
            histograms: values,
            sizes: segments.sizes.clone(),
            extents: segments.extents.clone(),
            levels: vec![0; count],
            neighbours: vec![Vec::new(); count],
            is_part: vec![false; count],
            listed: vec![u32::MAX; most],
        }
    }

    fn is_alive(&self, region: u32) -> bool {
        !self.is_part[region as usize]
    }

    fn pair(&self, a: u32, b: u32) -> Pair {
        (self.similarity(a as usize, b as usize).max(0.0).to_bits(), Reverse(a), Reverse(b))
    }

    /// The mean of the measures, each 0 to 1.
    fn similarity(&self, a: usize, b: usize) -> f32 {
        let row = |region: usize| self.histograms[region * self.stride..][..self.stride].split_at(self.colour);
        let ((colour_a, texture_a), (colour_b, texture_b)) = (row(a), row(b));
        let sizes = (self.sizes[a] + self.sizes[b]) as f32;
        let mut sum = 0.0;
        if self.similarities.colour {
            sum += overlap(colour_a, colour_b);
        }
        if self.similarities.texture {
            sum += overlap(texture_a, texture_b);
        }
        if self.similarities.size {
            sum += 1.0 - sizes * self.per_pixel;
        }
        if self.similarities.fill {
            let around = self.extents[a].union(self.extents[b]).area() as f32;
            sum += 1.0 - (around - sizes) * self.per_pixel;
        }
        sum * self.share
    }

    /// Makes one region of two and returns its number.
    fn merge(&mut self, a: u32, b: u32) -> u32 {
        let new = self.sizes.len() as u32;
        let (first, second) = (a as usize, b as usize);
        let (size_a, size_b) = (self.sizes[first], self.sizes[second]);
        let weight = size_a as f32 / (size_a + size_b) as f32;
        for i in 0..self.stride {
            let (a, b) = (self.histograms[first * self.stride + i], self.histograms[second * self.stride + i]);
            self.histograms.push(b + (a - b) * weight);
        }
        self.sizes.push(size_a + size_b);
        self.extents.push(self.extents[first].union(self.extents[second]));
        self.levels.push(self.levels[first].max(self.levels[second]) + 1);
        (self.is_part[first], self.is_part[second]) = (true, true);
        self.is_part.push(false);
        let mut neighbours = std::mem::take(&mut self.neighbours[first]);
        neighbours.append(&mut std::mem::take(&mut self.neighbours[second]));
        neighbours.retain(|&other| {
            let is_new = !self.is_part[other as usize] && self.listed[other as usize] != new;
            self.listed[other as usize] = new;
            is_new
        });
        for &other in &neighbours {
            self.neighbours[other as usize].push(new);
        }
        self.neighbours.push(neighbours);
        new
    }
}

/// The segments that touch each segment, at a side or a corner.
fn neighbours(segments: &Segments) -> Vec<Vec<u32>> {
    let (labels, width) = (&segments.labels, segments.width);
    let mut touching: Vec<(u16, u16)> = Vec::new();
    let mut touch = |a: u16, b: u16| {
        let pair = (a.min(b), a.max(b));
        // Along a border the same two meet again and again.
        if a != b && !touching[touching.len().saturating_sub(4)..].contains(&pair) {
            touching.push(pair);
        }
    };
    for (y, row) in labels.chunks_exact(width).enumerate() {
        let below = labels.get((y + 1) * width..(y + 2) * width).unwrap_or(row);
        for x in 0..width {
            let right = (x + 1).min(width - 1);
            touch(row[x], row[right]);
            touch(row[x], below[x]);
            touch(row[x], below[right]);
            touch(row[right], below[x]);
        }
    }
    touching.sort_unstable();
    touching.dedup();
    let mut neighbours = vec![Vec::new(); segments.sizes.len()];
    for (a, b) in touching {
        neighbours[usize::from(a)].push(u32::from(b));
        neighbours[usize::from(b)].push(u32::from(a));
    }
    neighbours
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four pixels in a row, a segment each: colours in bins 0, 0 and 1, 1, 2; one texture.
    fn row_of_four() -> (Segments, Histograms) {
        let extent = |x: u32| Extent { x0: x, y0: 0, x1: x + 1, y1: 1 };
        let segments =
            Segments { labels: vec![0, 1, 2, 3], width: 4, sizes: vec![1; 4], extents: (0..4).map(extent).collect() };
        let colours = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let mut values = Vec::new();
        for colour in colours {
            values.extend(colour);
            values.extend([0.0; 5]);
            values.extend([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        }
        (segments, Histograms { colour: 8, texture: 8, values })
    }

    #[test]
    fn merges_by_hand() {
        let (segments, histograms) = row_of_four();
        let merges = group(&segments, &histograms, Similarities::ALL);
        let extent = |x0, x1| Extent { x0, y0: 0, x1, y1: 1 };
        // 0 with 1 and 1 with 2: (0.5 + 1 + 0.5 + 1) / 4, the earlier first. Then the colours of 4 are 3/4 and 1/4, so that
        // 2 with 4 is (0.25 + 1 + 0.25 + 1) / 4, as much as 2 with 3, (0 + 1 + 0.5 + 1) / 4, which is older. At last 5,
        // half and half, with 4: (0.25 + 1 + 0 + 1) / 4.
        let expected = [
            PixelMerge { regions: (0, 1), similarity: 0.75, extent: extent(0, 2), level: 1 },
            PixelMerge { regions: (2, 3), similarity: 0.625, extent: extent(2, 4), level: 1 },
            PixelMerge { regions: (4, 5), similarity: 0.5625, extent: extent(0, 4), level: 2 },
        ];
        assert_eq!(merges, expected);
    }

    #[test]
    fn colour_alone_joins_the_alike() {
        let (segments, mut histograms) = row_of_four();
        // The third pixel gets the colour of the last.
        histograms.values[2 * 16..2 * 16 + 3].copy_from_slice(&[0.0, 0.0, 1.0]);
        let colour = Similarities { colour: true, texture: false, size: false, fill: false };
        let merges = group(&segments, &histograms, colour);
        assert_eq!(merges[0].regions, (2, 3));
        assert_eq!((merges[0].similarity, merges[1].regions, merges[2].similarity), (1.0, (0, 1), 0.0));
        assert_eq!((colour.name(), Similarities::ALL.name()), ("colour".into(), "colour, texture, size, fill".into()));
    }

    #[test]
    fn fill_joins_what_lies_inside() {
        // A ring of segment 0 round segment 1, and segment 2 to the right of it.
        let labels = vec![0, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0, 2];
        let extents = [(0, 0, 3, 3), (1, 1, 2, 2), (3, 0, 4, 3)].map(|(x0, y0, x1, y1)| Extent { x0, y0, x1, y1 });
        let segments = Segments { labels, width: 4, sizes: vec![8, 1, 3], extents: extents.to_vec() };
        let histograms = Histograms { colour: 0, texture: 0, values: vec![] };
        let fill = Similarities { colour: false, texture: false, size: false, fill: true };
        let merges = group(&segments, &histograms, fill);
        // With the inside nothing is left over in the box, with the right one pixel is.
        assert_eq!((merges[0].regions, merges[0].similarity), ((0, 1), 1.0));
        assert_eq!((merges[1].regions, merges[1].similarity), ((2, 3), 1.0));
    }

    #[test]
    fn segments_touch_at_sides_and_corners() {
        let extents = vec![Extent { x0: 0, y0: 0, x1: 1, y1: 1 }; 4];
        let segments = Segments { labels: vec![0, 1, 2, 3], width: 2, sizes: vec![1; 4], extents };
        assert_eq!(neighbours(&segments), [vec![1, 2, 3], vec![0, 2, 3], vec![0, 1, 3], vec![0, 1, 2]]);
        let segments = Segments { labels: vec![0, 1, 2, 3], width: 1, ..segments };
        assert_eq!(neighbours(&segments), [vec![1], vec![0, 2], vec![1, 3], vec![2]]);
    }
}
