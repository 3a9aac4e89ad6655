//! What Lookout's pages have in common: light or dark, the icons, where their files lie, what the browser keeps between
//! visits, and the photo that the photo page hands to the game.

pub mod files;
pub mod handed_photo;
pub mod icon;
pub mod storage;
pub mod theme;
