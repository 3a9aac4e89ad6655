//! Swatches in lists: colour and line style as on the canvas.

use crate::palette::{LineStyle, colour_of, style_of};

/// The classes of the swatch of a palette slot.
#[must_use]
pub fn swatch_class(slot: usize) -> String {
    let style = match style_of(slot) {
        LineStyle::Solid => "solid",
        LineStyle::Dashed => "dashed",
        LineStyle::Dotted => "dotted",
    };
    format!("swatch swatch-{} swatch-{style}", colour_of(slot))
}
