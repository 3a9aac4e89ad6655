//! What Lookout's pages have in common: light or dark, and the icons.

pub mod icon;
pub mod theme;
