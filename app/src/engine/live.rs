//! Looking at the camera's pictures, one at a time.

use model::{boxes::Candidate, skeleton::Skeleton};

/// What was found in one picture, in its pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glimpse {
    /// Every guess of the detector.
    pub candidates: Vec<Candidate>,
    /// A skeleton for every person, if skeletons were asked for.
    pub skeletons: Vec<Skeleton>,
}

/// A picture that the worker looks at, with the one who waits for it.
pub struct Look {
    /// The run.
    pub id: u32,
    tell: Box<dyn FnOnce(Option<Glimpse>)>,
}

impl Look {
    /// Waits for the run `id`.
    pub fn new(id: u32, tell: impl FnOnce(Option<Glimpse>) + 'static) -> Self {
        Self { id, tell: Box::new(tell) }
    }

    /// Tells what was found.
    pub fn found(self, glimpse: Glimpse) {
        (self.tell)(Some(glimpse));
    }

    /// Tells that there will be no answer.
    pub fn missed(self) {
        (self.tell)(None);
    }
}
