//! Supervision of the worker: what follows when it fails (start it again, move to the CPU, or give up).

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, faults, in_language};

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
                    let text = faults::incident(incident, remedy, backend, waiting);
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
                    let german = || faults::incident(incident, remedy, backend, waiting);
                    let german = in_language(Language::German, german);
                    assert_eq!(german.contains("das Foto ist noch da"), text.contains("your photo is"), "{german}");
                    assert!(german.ends_with('.') && german.contains(": "), "{german}");
                }
            }
        }
    }
}
