//! Supervision of the worker: what follows when it fails (start it again, move to the CPU, or give up), and the sentence
//! that says so.

use lookout_protocol::{Backend, FailureKind};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The worker reported a failure.
    Reported(FailureKind),
    /// The worker died, or never came up.
    Crashed,
    /// The worker said nothing for too long.
    Silent,
}

/// What the page does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same backend again, with a fresh worker.
    Restart,
    /// The CPU backend from now on.
    UseCpu,
    /// Nothing until the visitor asks for another try.
    GiveUp,
}

/// The remedy for an incident.
///
/// # Arguments
/// * `backend` - where it happened.
/// * `restarts` - how often the worker was restarted since its last result.
#[must_use]
pub fn remedy(incident: Incident, backend: Backend, restarts: u32) -> Remedy {
    use FailureKind as Kind;
    match (incident, backend) {
        // The other backend needs its files from the same place.
        (Incident::Reported(Kind::Download | Kind::Checksum), _) => Remedy::GiveUp,
        // Another try would fail in the same way.
        (Incident::Reported(Kind::NoGpu | Kind::Memory), Backend::Gpu) => Remedy::UseCpu,
        (Incident::Reported(Kind::Memory), Backend::Cpu) => Remedy::GiveUp,
        _ if restarts == 0 => Remedy::Restart,
        (_, Backend::Gpu) => Remedy::UseCpu,
        (_, Backend::Cpu) => Remedy::GiveUp,
    }
}

/// What the page tells the visitor: what happened, and what it does or what they can do.
///
/// # Arguments
/// * `waiting` - whether a photo waits for its result.
#[must_use]
pub fn sentence(incident: Incident, remedy: Remedy, backend: Backend, waiting: bool) -> String {
    use FailureKind as Kind;
    let happened = match incident {
        Incident::Reported(Kind::Download) => "The network could not be downloaded",
        Incident::Reported(Kind::Checksum) => "The network arrived damaged",
        Incident::Reported(Kind::NoGpu) => "The GPU cannot be used here",
        Incident::Reported(Kind::DeviceLost) => "The browser took the GPU away",
        Incident::Reported(Kind::Memory) => "Memory ran out",
        Incident::Reported(Kind::Network | Kind::Internal) if backend == Backend::Gpu => "The GPU failed on this photo",
        Incident::Reported(Kind::Network | Kind::Internal) => "The network failed on this photo",
        Incident::Crashed => "The worker that runs the network stopped",
        Incident::Silent => "The worker that runs the network stopped answering",
    };
    let next = match (remedy, incident) {
        (Remedy::Restart, _) if waiting => "it was started again and your photo is still here.",
        (Remedy::Restart, _) => "it was started again.",
        (Remedy::UseCpu, _) if waiting => "the CPU takes over, your photo is still here.",
        (Remedy::UseCpu, _) => "the CPU takes over.",
        (Remedy::GiveUp, Incident::Reported(Kind::Download)) => "check the connection, then try again.",
        (Remedy::GiveUp, Incident::Reported(Kind::Memory)) => {
            "close other tabs or use a smaller photo, then try again."
        }
        (Remedy::GiveUp, Incident::Reported(Kind::Network | Kind::Internal)) => "try again, or use another photo.",
        (Remedy::GiveUp, _) => "try again, or reload the page.",
    };
    format!("{happened}: {next}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_gpu_is_tried_once_more_then_left() {
        let lost = Incident::Reported(FailureKind::DeviceLost);
        assert_eq!(remedy(lost, Backend::Gpu, 0), Remedy::Restart);
        assert_eq!(remedy(lost, Backend::Gpu, 1), Remedy::UseCpu);
    }

    #[test]
    fn a_missing_gpu_means_cpu_at_once() {
        assert_eq!(remedy(Incident::Reported(FailureKind::NoGpu), Backend::Gpu, 0), Remedy::UseCpu);
        assert_eq!(remedy(Incident::Reported(FailureKind::Memory), Backend::Gpu, 0), Remedy::UseCpu);
    }

    #[test]
    fn the_cpu_is_restarted_once_and_never_for_a_failed_download() {
        for incident in [Incident::Crashed, Incident::Silent, Incident::Reported(FailureKind::Internal)] {
            assert_eq!(remedy(incident, Backend::Cpu, 0), Remedy::Restart);
            assert_eq!(remedy(incident, Backend::Cpu, 1), Remedy::GiveUp);
        }
        assert_eq!(remedy(Incident::Reported(FailureKind::Download), Backend::Gpu, 0), Remedy::GiveUp);
    }

    /// The kind after this one: a new one has to be put in here, and is tested then.
    fn after(kind: &FailureKind) -> Option<FailureKind> {
        use FailureKind::*;
        match kind {
            Download => Some(Checksum),
            Checksum => Some(NoGpu),
            NoGpu => Some(DeviceLost),
            DeviceLost => Some(Network),
            Network => Some(Memory),
            Memory => Some(Internal),
            Internal => None,
        }
    }

    #[test]
    fn every_sentence_says_what_happens_next() {
        let reported = std::iter::successors(Some(FailureKind::Download), after).map(Incident::Reported);
        for incident in reported.chain([Incident::Crashed, Incident::Silent]) {
            for (backend, restarts) in [(Backend::Gpu, 0), (Backend::Gpu, 1), (Backend::Cpu, 0), (Backend::Cpu, 1)] {
                for waiting in [true, false] {
                    let remedy = remedy(incident, backend, restarts);
                    let text = sentence(incident, remedy, backend, waiting);
                    let says = match remedy {
                        Remedy::Restart => "started again",
                        Remedy::UseCpu => "the CPU takes over",
                        Remedy::GiveUp => "try again",
                    };
                    assert!(text.contains(says) && text.ends_with('.'), "{text}");
                    assert_eq!(
                        text.contains("your photo is still here"),
                        waiting && remedy != Remedy::GiveUp,
                        "{text}"
                    );
                }
            }
        }
    }
}
