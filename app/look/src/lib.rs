//! What Lookout's pages have in common: light or dark, the icons, and what the browser keeps between visits.

pub mod icon;
pub mod storage;
pub mod theme;
