//! The page's words for what can go wrong.

use lookout_protocol::FailureKind;
use model::device::RunError;

use super::lost;

/// The page's word for what went wrong, and the details.
pub type Failure = (FailureKind, String);

/// The failure of a run.
pub fn of_run(error: &RunError) -> Failure {
    let kind = match error {
        RunError::Device(_) if lost::is_lost() => FailureKind::DeviceLost,
        RunError::Device(_) | RunError::NotFinite => FailureKind::Network,
        RunError::Cancelled => FailureKind::Internal,
    };
    (kind, error.to_string())
}
