//! Which level of a feature pyramid a region is cut out of (Lin et al. 2017, "Feature Pyramid Networks", section 4.2).

use burn::tensor::Tensor;

use crate::{
    ops::{Region, roi_align, roi_pool},
    structures::proposal::{LEVEL_SIZES, level_of},
};

/// Regions in the order in which a pyramid is read: by level, then by photo.
#[derive(Clone, Debug, PartialEq)]
pub struct ByLevel {
    /// For each place in the new order the region's place in the old one.
    pub order: Vec<usize>,
    /// The regions of each level, finest first.
    levels: [Vec<Region>; LEVEL_SIZES.len() + 1],
}

impl ByLevel {
    /// Sorts regions; those of one level and photo keep their order.
    #[must_use]
    pub fn new(regions: &[Region]) -> Self {
        let mut order: Vec<usize> = (0..regions.len()).collect();
        order.sort_by_key(|&i| (level_of(&regions[i].bbox), regions[i].photo));
        let mut levels: [Vec<Region>; LEVEL_SIZES.len() + 1] = Default::default();
        for &i in &order {
            levels[level_of(&regions[i].bbox)].push(regions[i]);
        }
        Self { order, levels }
    }

    /// Cuts each region out of its level by RoIAlign.
    ///
    /// # Arguments
    /// * `maps` - of the pyramid, finest first, `[batch, height, width, channels]` each.
    /// * `side` - bins along each axis.
    /// * `samples` - samples a bin takes along each axis.
    ///
    /// # Returns
    /// `[regions, side, side, channels]`, in the new order.
    ///
    /// # Panics
    /// When there is no region, or one of a photo that is not in the batch.
    #[must_use]
    pub fn roi_align(&self, maps: &[Tensor<4>; LEVEL_SIZES.len() + 1], side: usize, samples: usize) -> Tensor<4> {
        self.pool(maps, |map, regions| roi_align(map, regions, side, samples))
    }

    /// Cuts every region out of the map of its level with RoIPool.
    ///
    /// # Arguments
    /// * `maps` - `[batch, height, width, channels]` each, finest first.
    /// * `side` - bins along each axis.
    ///
    /// # Returns
    /// `[regions, side, side, channels]`, sorted as [`ByLevel::order`].
    ///
    /// # Panics
    /// When there is no region.
    #[must_use]
    pub fn roi_pool(&self, maps: &[Tensor<4>; LEVEL_SIZES.len() + 1], side: usize) -> Tensor<4> {
        self.pool(maps, |map, regions| roi_pool(map, regions, side))
    }

    /// The regions in this order.
    #[must_use]
    pub fn regions(&self) -> Vec<Region> {
        self.levels.iter().flatten().copied().collect()
    }

    fn pool(
        &self,
        maps: &[Tensor<4>; LEVEL_SIZES.len() + 1],
        cut: impl Fn(Tensor<4>, &[Region]) -> Tensor<4>,
    ) -> Tensor<4> {
        let levels = self.levels.iter().zip(maps).filter(|(regions, _)| !regions.is_empty());
        let mut pooled: Vec<Tensor<4>> = levels.map(|(regions, map)| cut(map.clone(), regions)).collect();
        assert!(!pooled.is_empty(), "there is no region to cut out");
        if pooled.len() == 1 { pooled.remove(0) } else { Tensor::cat(pooled, 0) }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::structures::boxes::BBox;

    fn region(photo: usize, side: f32) -> Region {
        Region { photo, bbox: BBox::new(0.0, 0.0, side, side) }
    }

    #[test]
    fn large_regions_are_cut_out_of_coarse_maps() {
        let regions = [region(1, 0.9), region(1, 0.1), region(0, 0.5), region(0, 0.1)];
        let sorted = ByLevel::new(&regions);
        assert_eq!(sorted.order, [3, 1, 2, 0]);
        // Each map holds ten times its level and a thousand times its photo.
        let map = |level: usize, side: usize| {
            let of_photo = |photo: usize| {
                Tensor::<4>::full([1, side, side, 1], (level * 10 + photo * 1000) as f32, &Device::flex())
            };
            Tensor::cat(vec![of_photo(0), of_photo(1)], 0)
        };
        let cut = sorted.roi_align(&[map(0, 4), map(1, 2), map(2, 1)], 1, 2);
        assert_eq!(cut.into_data().try_into_vec::<f32>().unwrap(), [0.0, 1000.0, 10.0, 1020.0]);
    }

    #[test]
    fn thresholds_are_inclusive() {
        let level = |side: f32| level_of(&BBox::new(0.0, 0.0, side, side));
        assert_eq!([level(0.0), level(0.25), level(0.7), level(1.0)], [0, 1, 2, 2]);
    }
}
