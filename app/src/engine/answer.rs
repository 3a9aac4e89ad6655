//! What the worker has said about the photo on show: each task adds to it.

use lookout_protocol::Task;
use model::{boxes::Candidate, skeleton::Skeleton, trace::Trace};

/// What the networks said about a photo so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Every guess of the detector, in pixels of the photo that was sent.
    pub candidates: Vec<Candidate>,
    /// A skeleton for every person whose box scores at least 0.2, best first; none while nobody asked for them.
    pub skeletons: Option<Vec<Skeleton>>,
    /// How long a run for boxes took, if there was one.
    pub boxes_timing: Option<Timing>,
    /// How long the run for skeletons took, if there was one.
    pub skeletons_timing: Option<Timing>,
}

/// How long a run took.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// What was asked.
    pub task: Task,
    /// Timings by stage.
    pub trace: Trace,
    /// Where it ran, in words.
    pub device: String,
    /// Milliseconds from the request to the answer, loading included.
    pub wall_ms: f64,
}

impl Answer {
    /// Whether it says what a task asks.
    #[must_use]
    pub fn has(&self, task: Task) -> bool {
        task == Task::Boxes || self.skeletons.is_some()
    }

    /// The timing of the run that answered a task.
    #[must_use]
    pub fn timing(&self, task: Task) -> Option<&Timing> {
        let own = match task {
            Task::Boxes => &self.boxes_timing,
            Task::Skeletons => &self.skeletons_timing,
        };
        own.as_ref().or(self.skeletons_timing.as_ref()).or(self.boxes_timing.as_ref())
    }

    /// This answer with what a later run on the same photo said.
    ///
    /// # Arguments
    /// * `timing` - names the task that was run; the skeletons count only if that was skeletons.
    #[must_use]
    pub fn with(mut self, candidates: Vec<Candidate>, skeletons: Vec<Skeleton>, timing: Timing) -> Self {
        self.candidates = candidates;
        match timing.task {
            Task::Boxes => {
                // The same boxes on the same device: its skeletons still hold.
                if self.skeletons_timing.as_ref().is_some_and(|it| it.device != timing.device) {
                    (self.skeletons, self.skeletons_timing) = (None, None);
                }
                self.boxes_timing = Some(timing);
            }
            Task::Skeletons => {
                self.skeletons = Some(skeletons);
                self.skeletons_timing = Some(timing);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(task: Task, device: &str) -> Timing {
        Timing { task, trace: Trace::default(), device: device.into(), wall_ms: 1.0 }
    }

    #[test]
    fn skeletons_come_with_the_boxes_and_boxes_keep_them_on_one_device() {
        let boxes = Answer::default().with(Vec::new(), Vec::new(), timing(Task::Boxes, "a"));
        assert!(boxes.has(Task::Boxes) && !boxes.has(Task::Skeletons));
        let both = boxes.with(Vec::new(), Vec::new(), timing(Task::Skeletons, "a"));
        assert!(both.has(Task::Skeletons));
        assert!(both.clone().with(Vec::new(), Vec::new(), timing(Task::Boxes, "a")).has(Task::Skeletons));
        assert!(!both.with(Vec::new(), Vec::new(), timing(Task::Boxes, "b")).has(Task::Skeletons));
    }

    #[test]
    fn a_task_without_a_run_of_its_own_has_the_timing_of_the_other() {
        let direct = Answer::default().with(Vec::new(), Vec::new(), timing(Task::Skeletons, "a"));
        assert_eq!(direct.timing(Task::Boxes).map(|it| it.task), Some(Task::Skeletons));
        assert_eq!(Answer::default().timing(Task::Boxes), None);
    }
}
