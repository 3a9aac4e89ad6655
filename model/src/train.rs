//! Training of our own heads on the detector's frozen backbone: the same modules that the browser runs.
//!
//! A [`view::View`] is what the network sees of a photo (a crop, perhaps mirrored). The backbone runs once on each, and
//! [`bank::Bank`] keeps its maps on disk; each head then trains from the bank ([`course`] holds the loop).

pub mod bank;
pub mod boxed_masks;
pub mod caption;
pub mod course;
pub mod detection_cache;
pub mod detection_labels;
mod detection_losses;
pub mod detection_measure;
pub mod faster_rcnn;
pub mod joint;
pub mod keypoint_branch;
pub mod labels;
pub mod localize;
pub mod mask;
pub mod part;
pub mod pose_regression;
pub mod rcnn;
mod records;
pub mod segment;
pub mod teacher;
pub mod unpooling;
pub mod view;
pub mod vote_bank;
pub mod yolo;

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// Labels cannot be read.
    #[error(transparent)]
    Labels(#[from] crate::data::folder::DataError),
    /// A photo could not be read.
    #[error("{0}: {1}")]
    Photo(String, crate::photo::PhotoError),
    /// A mask could not be read.
    #[error("{0}: {1}")]
    Mask(String, image::ImageError),
    /// Weights could not be read.
    #[error(transparent)]
    Weights(#[from] crate::nn::weights::WeightsError),
    /// Weights could not be written.
    #[error(transparent)]
    Pack(#[from] crate::nn::weights::PackError),
    /// The network failed.
    #[error(transparent)]
    Run(#[from] crate::device::RunError),
    /// Weights are a checkpoint where a finished file is needed.
    #[error("{0} is a checkpoint: joint training starts from a finished file")]
    Checkpoint(String),
    /// There is nothing to train on.
    #[error("no photo in {0} has the labels that this head needs")]
    NoData(String),
    /// The loss is not a number any more.
    #[error("the loss is not finite at step {0}: a smaller learning rate helps")]
    Diverged(usize),
}

impl TrainError {
    /// For `map_err` on what reads or writes `path`.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::File(path, error)
    }
}
