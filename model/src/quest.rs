//! HyperQuest, the training game: a random data set, a network that is trained in rounds, and what the player decides
//! between them.
//!
//! Without the feature `quest` it is the game's plain data, which the page links. With it, it holds the data sets and the
//! networks: burn's autodiff over operators of our own, whose numbers are the same, bit for bit, natively and in
//! WebAssembly. That is what makes a game repeatable from its seed and its decisions.

pub mod architecture;
pub mod board;
pub mod game;
pub mod photo;
pub mod record;
pub mod settings;
pub mod statistics;
pub mod tree;

#[cfg(feature = "quest")]
pub mod baselines;
#[cfg(feature = "quest")]
pub mod data;
#[cfg(feature = "quest")]
mod draws;
#[cfg(feature = "quest")]
pub mod growth;
#[cfg(feature = "quest")]
pub mod host;
#[cfg(feature = "quest")]
mod kernels;
#[cfg(feature = "quest")]
pub mod network;
#[cfg(feature = "quest")]
mod operators;
#[cfg(feature = "quest")]
pub mod optimizer;
#[cfg(feature = "quest")]
pub mod player;
#[cfg(feature = "quest")]
pub mod replay;
#[cfg(feature = "quest")]
pub mod training;
