//! Setting signals.

use leptos::prelude::*;

/// Sets a signal unless it has that value already: what follows it would work for nothing.
pub fn change<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}
