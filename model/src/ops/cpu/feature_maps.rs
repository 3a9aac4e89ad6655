//! Feature maps that the region operators read.

/// The maps that regions are cut from.
pub struct FeatureMaps<'a> {
    /// `[batch, height, width, channels]`.
    pub map: &'a [f32],
    /// Rows of a map.
    pub height: usize,
    /// Columns of a map.
    pub width: usize,
    /// Channels of a map.
    pub channels: usize,
}

impl FeatureMaps<'_> {
    /// Where the channels of a cell start.
    #[inline(always)]
    pub fn at(&self, photo: usize, row: usize, column: usize) -> usize {
        ((photo * self.height + row) * self.width + column) * self.channels
    }
}
