//! Networks and operators against the committed values of TensorFlow.js, torchvision and PyTorch.

mod pose;
mod regions;
mod samples;
mod ssd;
