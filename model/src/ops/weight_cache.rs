//! A layer's cache of its weight as the CPU kernels read it.

#[cfg(feature = "cpu")]
use super::cpu::packing;

/// A layer's place for its weight in the order in which the CPU kernels read it, kept from call to call; empty on other
/// devices. A weight that changes is rearranged anew.
#[derive(Clone, Debug, Default)]
pub struct Packing {
    #[cfg(feature = "cpu")]
    pub(super) cpu: packing::Packing,
}
