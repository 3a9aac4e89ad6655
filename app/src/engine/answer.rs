//! What the worker has said about the photo on show: each task adds to it.

use lookout_protocol::{Found, Task};
use model::structures::stage::Trace;

/// What the networks said about a photo so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What was found, in pixels of the photo that was sent.
    pub found: Found,
    /// How long the runs took, one for each task, newest last.
    timings: Vec<Timing>,
}

/// How long a run took.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// What was asked.
    pub task: Task,
    /// Timings by stage.
    pub trace: Trace,
    /// What was kept from an earlier task and did not run again.
    pub kept: Vec<String>,
    /// Where it ran, in words.
    pub device: String,
    /// Milliseconds from the request to the answer, loading included.
    pub wall_ms: f64,
}

impl Answer {
    /// Whether it says what a task asks.
    #[must_use]
    pub fn has(&self, task: Task) -> bool {
        self.found.answers(task)
    }

    /// The timing of the run that answered a task: its own, or the one of the newest run.
    #[must_use]
    pub fn timing(&self, task: Task) -> Option<&Timing> {
        self.timings.iter().find(|it| it.task == task).or(self.timings.last())
    }

    /// This answer with what a later run on the same photo said.
    #[must_use]
    pub fn with(mut self, found: Found, timing: Timing) -> Self {
        // Another device computes a little otherwise: its boxes and the old masks would not belong together.
        if self.timings.iter().any(|it| it.device != timing.device) {
            self = Self::default();
        }
        self.found.take_in(found);
        self.timings.retain(|it| it.task != timing.task);
        self.timings.push(timing);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(task: Task, device: &str) -> Timing {
        Timing { task, trace: Trace::default(), kept: vec![], device: device.into(), wall_ms: 1.0 }
    }

    fn boxes() -> Found {
        Found { candidates: Some(vec![]), ..Found::default() }
    }

    #[test]
    fn skeletons_come_with_the_boxes_and_boxes_keep_them_on_one_device() {
        let first = Answer::default().with(boxes(), timing(Task::Boxes, "a"));
        assert!(first.has(Task::Boxes) && !first.has(Task::Skeletons));
        let skeletons = Found { skeletons: Some(vec![]), ..boxes() };
        let both = first.with(skeletons, timing(Task::Skeletons, "a"));
        assert!(both.has(Task::Skeletons));
        assert!(both.clone().with(boxes(), timing(Task::Boxes, "a")).has(Task::Skeletons));
        assert!(!both.with(boxes(), timing(Task::Boxes, "b")).has(Task::Skeletons));
    }

    #[test]
    fn a_class_map_alone_says_nothing_of_boxes() {
        let map = Found { class_map: Some(model::structures::class_map::ClassMap::default()), ..Found::default() };
        let answer = Answer::default().with(map, timing(Task::ClassMap, "a"));
        assert!(answer.has(Task::ClassMap) && !answer.has(Task::Boxes) && !answer.has(Task::Everything));
        assert!(answer.with(boxes(), timing(Task::Boxes, "a")).has(Task::ClassMap));
    }

    #[test]
    fn a_task_without_a_run_of_its_own_has_the_timing_of_the_other() {
        let direct = Answer::default().with(boxes(), timing(Task::Skeletons, "a"));
        assert_eq!(direct.timing(Task::Boxes).map(|it| it.task), Some(Task::Skeletons));
        assert_eq!(Answer::default().timing(Task::Boxes), None);
    }
}
