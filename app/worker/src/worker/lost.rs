//! Whether the browser has taken the device away; a processor stays.

use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// Remembers that the device is gone.
#[cfg_attr(feature = "cpu", expect(dead_code, reason = "a processor cannot be lost"))]
pub fn mark() {
    LOST.store(true, Ordering::Relaxed);
}

/// Whether the device is gone.
pub fn is_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}
