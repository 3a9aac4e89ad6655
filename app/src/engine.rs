//! The page's side of the worker: chooses a backend, starts the worker, sends it photos, watches over it and starts it
//! again when it dies.
//!
//! [`machine`] decides, [`EngineHandle`] performs: effects out to workers and the browser, messages in as events, and what
//! the page shows as signals.

mod backend_cache;
pub mod backend_choice;
mod backend_race;
mod event;
mod handle;
pub mod loading;
mod machine;
mod session;
mod supervision;
mod watchdog;
mod worker_handle;

pub use event::{Job, Missed, Phase};
pub use handle::EngineHandle;
pub use supervision::{Incident, Remedy};

use lookout_protocol::Backend;

/// The word for a backend in the URL, also in the worker's address.
#[must_use]
pub const fn backend_key(backend: Backend) -> &'static str {
    match backend {
        Backend::Gpu => "gpu",
        Backend::Cpu => "cpu",
    }
}
