//! A layer's cache of its weight as the CPU kernels read it.

#[cfg(feature = "cpu")]
use super::cpu::panel_cache::PanelCache;

/// Cache of one layer's weight in the order in which the CPU kernels read it; empty on other devices.
///
/// A weight that changes is rearranged anew.
#[derive(Clone, Debug, Default)]
pub struct WeightCache {
    #[cfg(feature = "cpu")]
    pub(super) cpu: PanelCache,
}
