//! Hierarchies of regions: what Selective Search's grouping leaves (Uijlings et al. 2013, "Selective Search for Object
//! Recognition", section 3.1), merge by merge.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::boxes::BBox;

/// Every hierarchy of a photo, and the proposals that were taken from them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hierarchies {
    /// The starting segmentations.
    pub segmentations: Vec<Segmentation>,
    /// The groupings of the segments.
    pub hierarchies: Vec<Hierarchy>,
    /// Boxes of regions, likeliest to hold an object first, without duplicates.
    pub proposals: Vec<Proposal>,
}

/// A photo cut into segments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segmentation {
    /// What distinguishes it, e.g. "HSV, k = 150".
    pub name: Cow<'static, str>,
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// The segment of each cell, row by row, two bytes each, the low one first.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
}

/// The merges that lead from segments to the whole photo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hierarchy {
    /// What the similarity is made of, e.g. "colour, texture, size and fill".
    pub name: Cow<'static, str>,
    /// The segmentation it starts from: an index into [`Hierarchies::segmentations`].
    pub segmentation: usize,
    /// The box of each segment, in photo pixels: regions 0 to `segments.len() - 1`.
    pub segments: Vec<BBox>,
    /// The merges, most similar first at each step; the region that merge `i` makes is number `segments.len() + i`.
    pub merges: Vec<Merge>,
}

/// Two regions that became one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The two regions, the lower number first.
    pub regions: (u32, u32),
    /// How similar they were: the mean of the measures, 0 to 1.
    pub similarity: f32,
    /// The box of the new region, in photo pixels.
    pub bbox: BBox,
    /// Merges between the new region and its furthest segment.
    pub level: u32,
}

/// The box of a region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Where, in photo pixels.
    pub bbox: BBox,
    /// The hierarchy it is from: an index into [`Hierarchies::hierarchies`].
    pub hierarchy: u32,
    /// The region's number there.
    pub region: u32,
}

impl Hierarchies {
    /// The region whose box overlaps most with a box, of any hierarchy.
    ///
    /// # Arguments
    /// * `bbox` - in photo pixels.
    #[must_use]
    pub fn closest(&self, bbox: &BBox) -> Option<Proposal> {
        let regions = (0u32..).zip(&self.hierarchies).flat_map(|(hierarchy, it)| {
            // A photo has some hundred segments.
            let numbered = (0..it.len() as u32).filter_map(|region| Some((region, it.bbox(region as usize)?)));
            numbered.map(move |(region, bbox)| Proposal { bbox, hierarchy, region })
        });
        regions.max_by(|a, b| a.bbox.iou(bbox).total_cmp(&b.bbox.iou(bbox)))
    }

    /// The pixels of a region.
    #[must_use]
    pub fn pixels(&self, of: &Proposal) -> Option<RegionPixels<'_>> {
        let hierarchy = self.hierarchies.get(of.hierarchy as usize)?;
        let segmentation = self.segmentations.get(hierarchy.segmentation)?;
        Some(RegionPixels { segmentation, is_part: hierarchy.parts(of.region as usize) })
    }
}

/// A region as the cells of its segmentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionPixels<'a> {
    segmentation: &'a Segmentation,
    /// Whether each segment is part of it.
    is_part: Vec<bool>,
}

impl RegionPixels<'_> {
    /// Whether a point lies in the region.
    ///
    /// # Arguments
    /// * `x`, `y` - fractions of the photo.
    #[must_use]
    pub fn has(&self, x: f32, y: f32) -> bool {
        let it = self.segmentation;
        if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
            return false;
        }
        let cell = (y * it.height as f32) as usize * it.width + (x * it.width as f32) as usize;
        let label = it.labels.get(cell * 2..cell * 2 + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
        label.is_some_and(|label| self.is_part.get(usize::from(label)).copied().unwrap_or_default())
    }
}

impl Segmentation {
    /// A segmentation from the segment of each cell.
    ///
    /// # Arguments
    /// * `labels` - row by row, `width * height` of them.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, (width, height): (usize, usize), labels: &[u16]) -> Self {
        let labels = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
        Self { name: name.into(), width, height, labels }
    }

    /// The segment of each cell, row by row.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.labels.chunks_exact(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }
}

impl Hierarchy {
    /// How many regions there are, segments and merges together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.len() + self.merges.len()
    }

    /// Whether there is no region.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The box of a region, in photo pixels; `None` without such a region.
    #[must_use]
    pub fn bbox(&self, region: usize) -> Option<BBox> {
        let merged = || self.merges.get(region - self.segments.len()).map(|merge| merge.bbox);
        self.segments.get(region).copied().or_else(merged)
    }

    /// Whether each segment is part of a region.
    #[must_use]
    pub fn parts(&self, region: usize) -> Vec<bool> {
        let mut is_part = vec![false; self.len().max(region + 1)];
        is_part[region] = true;
        // A region's number is below that of the region it becomes part of.
        for (i, merge) in self.merges.iter().enumerate().rev() {
            if is_part[self.segments.len() + i] {
                (is_part[merge.regions.0 as usize], is_part[merge.regions.1 as usize]) = (true, true);
            }
        }
        is_part.truncate(self.segments.len());
        is_part
    }

    /// The region that each segment belongs to after some merges.
    #[must_use]
    pub fn after(&self, merges: usize) -> Vec<u32> {
        let merges = merges.min(self.merges.len());
        // A region's number is below that of the region it becomes part of: from the last merge down, parents are final.
        let mut top: Vec<u32> = (0..(self.segments.len() + merges) as u32).collect();
        for (i, merge) in self.merges[..merges].iter().enumerate().rev() {
            let whole = top[self.segments.len() + i];
            (top[merge.regions.0 as usize], top[merge.regions.1 as usize]) = (whole, whole);
        }
        top.truncate(self.segments.len());
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_are_followed_step_by_step() {
        let span = |x0: f32, x1: f32| BBox::new(x0, 0.0, x1, 1.0);
        let merge = |a, b, x0, x1, level| Merge { regions: (a, b), similarity: 0.5, bbox: span(x0, x1), level };
        let hierarchy = Hierarchy {
            segments: vec![span(0.0, 1.0), span(1.0, 2.0), span(2.0, 3.0), span(3.0, 4.0)],
            merges: vec![merge(1, 2, 1.0, 3.0, 1), merge(3, 4, 1.0, 4.0, 2), merge(0, 5, 0.0, 4.0, 3)],
            ..Hierarchy::default()
        };
        assert_eq!(hierarchy.after(0), [0, 1, 2, 3]);
        assert_eq!(hierarchy.after(1), [0, 4, 4, 3]);
        assert_eq!(hierarchy.after(2), [0, 5, 5, 5]);
        assert_eq!(hierarchy.after(9), [6, 6, 6, 6]);
        assert_eq!((hierarchy.len(), hierarchy.bbox(5), hierarchy.bbox(7)), (7, Some(span(1.0, 4.0)), None));
        assert_eq!((hierarchy.bbox(0), Hierarchy::default().after(3).len()), (Some(span(0.0, 1.0)), 0));
    }

    #[test]
    fn the_region_nearest_to_a_box_and_its_pixels() {
        let span = |x0: f32, x1: f32| BBox::new(x0, 0.0, x1, 1.0);
        let merge = |a, b, x0, x1| Merge { regions: (a, b), similarity: 0.5, bbox: span(x0, x1), level: 1 };
        let hierarchy = Hierarchy {
            segments: vec![span(0.0, 1.0), span(1.0, 2.0), span(2.0, 4.0)],
            merges: vec![merge(0, 1, 0.0, 2.0), merge(2, 3, 0.0, 4.0)],
            ..Hierarchy::default()
        };
        let all = Hierarchies {
            segmentations: vec![Segmentation::new("", (4, 1), &[0, 1, 2, 2])],
            hierarchies: vec![hierarchy],
            proposals: vec![],
        };
        let found = all.closest(&span(0.0, 2.2)).expect("there are regions");
        assert_eq!((found.region, found.bbox), (3, span(0.0, 2.0)));
        assert_eq!(all.hierarchies[0].parts(3), [true, true, false]);
        assert_eq!(
            (all.hierarchies[0].parts(2), all.hierarchies[0].parts(9)),
            (vec![false, false, true], vec![false; 3])
        );
        let pixels = all.pixels(&found).expect("its segmentation is there");
        assert_eq!(
            [0.1, 0.3, 0.6, 0.9, 1.0, -0.1].map(|x| pixels.has(x, 0.5)),
            [true, true, false, false, false, false]
        );
        assert_eq!(Hierarchies::default().closest(&span(0.0, 1.0)), None);
    }

    #[test]
    fn labels_keep_two_bytes() {
        let labels = [0, 255, 256, 65_535];
        let segmentation = Segmentation::new("", (2, 2), &labels);
        assert_eq!(segmentation.iter().collect::<Vec<_>>(), labels);
    }
}
