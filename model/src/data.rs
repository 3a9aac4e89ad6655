//! Folders of photos with labels.

pub mod folder;
pub mod labelled_people;
pub mod photo_list;
