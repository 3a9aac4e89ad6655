//! Feature maps that the region operators read.

/// Feature maps of a batch.
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
    /// The start of a cell's channels.
    #[inline(always)]
    pub fn at(&self, photo: usize, row: usize, column: usize) -> usize {
        ((photo * self.height + row) * self.width + column) * self.channels
    }
}
