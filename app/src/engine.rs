//! The page's side of the worker: chooses a backend, starts the worker, sends it photos, watches over it and starts it
//! again when it dies. Everything the page shows about it is a signal of [`Engine`].

mod answer;
mod care;
pub mod choice;
mod driver;
mod live;
pub mod loading;
pub mod recovery;
mod trial;
mod verdict;
pub mod watchdog;
mod wire;

pub use answer::{Answer, Timing};
pub use driver::{Engine, Run};
