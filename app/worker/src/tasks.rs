//! What each task runs, and what it keeps for the next task on the same photo.

use burn::tensor::Device;
use lookout_protocol::{FailureKind, Task};
use model::{
    boxes::{Candidate, Suppression},
    photo::Photo,
    skeleton::{Skeleton, suppress_alike},
    systems::{
        pose::{PERSON_FLOOR, Pose, people},
        ssd::Ssd,
    },
    trace::Trace,
};

use crate::{page::load, why};

/// The photo in hand, with what has been found in it.
pub struct Held {
    /// The page's name for it.
    pub id: u32,
    photo: Photo,
    candidates: Option<Vec<Candidate>>,
    skeletons: Option<Vec<Skeleton>>,
}

impl Held {
    /// A photo in which nothing was looked for yet.
    pub fn new(id: u32, photo: Photo) -> Self {
        Self { id, photo, candidates: None, skeletons: None }
    }

    /// The detector's guesses so far.
    pub fn candidates(&self) -> &[Candidate] {
        self.candidates.as_deref().unwrap_or_default()
    }

    /// The skeletons so far.
    pub fn skeletons(&self) -> &[Skeleton] {
        self.skeletons.as_deref().unwrap_or_default()
    }
}

/// The networks, each loaded when a task first needs it.
pub struct Networks {
    /// Every visit starts with it.
    pub ssd: Ssd,
    pose: async_cell::Slot<Pose>,
}

impl Networks {
    /// With the detector only.
    pub fn new(ssd: Ssd) -> Self {
        Self { ssd, pose: async_cell::Slot::default() }
    }

    /// Runs a task; what it finds is in `held` afterwards.
    ///
    /// # Errors
    /// The page's word for what went wrong, and the details.
    pub async fn run(
        &self,
        task: Task,
        held: &mut Held,
        device: &Device,
        trace: &mut Trace,
    ) -> Result<(), (FailureKind, String)> {
        // A repeated task on the same photo measures again: the page asks for it to see the time.
        if task == Task::Boxes || held.candidates.is_none() {
            let found = self.ssd.detect(&held.photo, device, trace).await.map_err(|error| why(&error))?;
            held.candidates = Some(found);
        }
        if task == Task::Skeletons {
            let pose = self.pose.get_or_load(|| load_pose(device)).await?;
            let rule = Suppression { min_score: PERSON_FLOOR, ..Suppression::default() };
            let people = people(held.candidates(), &rule);
            let found = pose.estimate(&held.photo, &people, device, trace).await.map_err(|error| why(&error))?;
            held.skeletons = Some(suppress_alike(found));
        }
        Ok(())
    }
}

async fn load_pose(device: &Device) -> Result<Pose, (FailureKind, String)> {
    let bytes = load("weights/movenet.bpk").await?;
    Pose::load(bytes, device).map_err(|error| (FailureKind::Download, error.to_string()))
}

/// A value that is made once, on first use.
mod async_cell {
    use std::{cell::OnceCell, future::Future};

    /// Empty until the first success; a failure leaves it empty, so that a later task tries again.
    pub struct Slot<T>(OnceCell<T>);

    impl<T> Default for Slot<T> {
        fn default() -> Self {
            Self(OnceCell::new())
        }
    }

    impl<T> Slot<T> {
        /// The value; made by `load` if it is not there yet. Two first uses at once both load, and the first one stays.
        pub async fn get_or_load<E, F: Future<Output = Result<T, E>>>(
            &self,
            load: impl FnOnce() -> F,
        ) -> Result<&T, E> {
            if let Some(value) = self.0.get() {
                return Ok(value);
            }
            let value = load().await?;
            Ok(self.0.get_or_init(|| value))
        }
    }
}
