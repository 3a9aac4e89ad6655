//! What each task runs, and what it keeps for the next task on the same photo.

use std::cell::Cell;

use burn::tensor::Device;
use js_sys::Date;
use lookout_protocol::{FailureKind, Found, Task};
use model::{
    device::RunError,
    nn::weights::WeightsError,
    photo::Photo,
    structures::{
        boxes::{BBox, Candidate, Suppression, suppress},
        skeleton::suppress_alike,
        stage::Trace,
    },
    systems::{
        caption::Captioner,
        localize::Localizer,
        mask::Masker,
        pose::{PERSON_FLOOR, Pose, people},
        segment::Segmenter,
        ssd::{Seen, Ssd},
    },
};

use crate::{
    page::{load, task_boundary},
    why,
};

/// Guesses with a lower score get no mask.
const MASK_FLOOR: f32 = 0.2;
/// At most so many guesses get a mask.
const MOST_MASKS: usize = 30;
/// Guesses with a lower score get no caption.
const CAPTION_FLOOR: f32 = 0.5;
/// At most so many regions get a caption.
const MOST_REGIONS: usize = 6;
/// A region with a smaller part of the photo says too little: the network sees it as a few pixels.
const LEAST_REGION: f32 = 0.02;

/// Milliseconds after which the page is heard between words: browsers make each pause at least 4 ms long.
const PATIENCE: f64 = 100.0;

/// Why a run ended without its result.
pub enum Stop {
    /// Nobody wants it any more.
    Cancelled,
    /// The page's word for what went wrong, and the details.
    Failed(FailureKind, String),
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        let (kind, detail) = why(&error);
        Self::Failed(kind, detail)
    }
}

/// What a run works with.
pub struct Order<'a> {
    /// Where it runs.
    pub device: &'a Device,
    /// Timings of what is run.
    pub trace: &'a mut Trace,
    /// What need not be run.
    pub kept: &'a mut Vec<String>,
    /// Whether somebody still waits for it.
    pub wanted: &'a dyn Fn() -> bool,
}

impl Order<'_> {
    /// To be called between stages: hears the page, which may have cancelled.
    async fn go_on(&self) -> Result<(), Stop> {
        hear(self.wanted).await
    }

    /// Notes that something need not run, unless this very run has run it.
    ///
    /// # Arguments
    /// * `stage` - the stage of the trace that makes it.
    fn keep(&mut self, what: &str, stage: &str) {
        let ran = self.trace.stages.iter().any(|it| it.name == stage);
        if !ran && !self.kept.iter().any(|it| it == what) {
            self.kept.push(what.to_owned());
        }
    }
}

/// Lets the page's messages in and asks whether the run is still wanted.
async fn hear(wanted: &dyn Fn() -> bool) -> Result<(), Stop> {
    task_boundary().await;
    if wanted() { Ok(()) } else { Err(Stop::Cancelled) }
}

/// The photo in hand, with what has been found in it.
pub struct Held {
    /// The page's name for it.
    pub id: u32,
    photo: Photo,
    seen: Option<Seen>,
    found: Found,
}

impl Held {
    /// A photo in which nothing was looked for yet.
    pub fn new(id: u32, photo: Photo) -> Self {
        Self { id, photo, seen: None, found: Found::default() }
    }

    /// What is known of what a task asks. The rest is not sent again: the page has it.
    pub fn found_for(&self, task: Task) -> Found {
        let all = |wanted: Task| task == wanted || task == Task::Everything;
        Found {
            candidates: self.found.candidates.clone(),
            skeletons: self.found.skeletons.clone().filter(|_| all(Task::Skeletons)),
            masks: self.found.masks.clone().filter(|_| all(Task::Masks)),
            class_map: self.found.class_map.clone().filter(|_| all(Task::ClassMap)),
            captions: self.found.captions.clone().filter(|_| all(Task::Captions)),
            location: self.found.location.clone().filter(|_| all(Task::Localize)),
        }
    }

    fn candidates(&self) -> &[Candidate] {
        self.found.candidates.as_deref().unwrap_or_default()
    }
}

/// The networks, each loaded when a task first needs it.
pub struct Networks {
    /// Every visit starts with it.
    pub ssd: Ssd,
    pose: async_cell::Slot<Pose>,
    masker: async_cell::Slot<Masker>,
    segmenter: async_cell::Slot<Segmenter>,
    captioner: async_cell::Slot<Captioner>,
    localizer: async_cell::Slot<Localizer>,
}

impl Networks {
    /// With the detector only.
    pub fn new(ssd: Ssd) -> Self {
        Self {
            ssd,
            pose: async_cell::Slot::default(),
            masker: async_cell::Slot::default(),
            segmenter: async_cell::Slot::default(),
            captioner: async_cell::Slot::default(),
            localizer: async_cell::Slot::default(),
        }
    }

    /// Runs a task; what it finds is in `held` afterwards.
    ///
    /// # Errors
    /// Why there is no result; what was found until then is kept.
    pub async fn run(&self, task: Task, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        // A repeated task on the same photo measures again: the page asks for it to see the time.
        if held.found.answers(task) && matches!(task, Task::Boxes | Task::Everything) {
            (held.seen, held.found) = (None, Found::default());
        }
        match task {
            Task::Boxes => self.boxes(held, order).await,
            Task::Skeletons => self.skeletons(held, order).await,
            Task::Masks => self.masks(held, order).await,
            Task::ClassMap => self.class_map(held, order).await,
            Task::Captions => self.captions(held, order).await,
            Task::Localize => self.localize(held, order).await,
            Task::Everything => {
                // What an earlier task has found stays; after each stage a cancelled run ends.
                if held.found.skeletons.is_none() {
                    self.skeletons(held, order).await?;
                    order.go_on().await?;
                }
                if held.found.masks.is_none() {
                    self.masks(held, order).await?;
                    order.go_on().await?;
                }
                if held.found.class_map.is_none() {
                    self.class_map(held, order).await?;
                    order.go_on().await?;
                }
                if held.found.location.is_none() {
                    self.localize(held, order).await?;
                    order.go_on().await?;
                }
                if held.found.captions.is_none() {
                    self.captions(held, order).await?;
                }
                Ok(())
            }
        }
    }

    /// The photo after the backbone: all tasks but the skeletons' second network start from it.
    fn look(&self, held: &mut Held, order: &mut Order<'_>) -> Seen {
        if let Some(seen) = &held.seen {
            order.keep("backbone", "backbone");
            return seen.clone();
        }
        let seen = self.ssd.look(&held.photo, order.device, order.trace);
        held.seen.insert(seen).clone()
    }

    async fn boxes(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        if held.found.candidates.is_some() {
            order.keep("boxes", "decode boxes");
            return Ok(());
        }
        let seen = self.look(held, order);
        held.found.candidates = Some(self.ssd.detect_in(&seen, order.trace).await?);
        Ok(())
    }

    async fn skeletons(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        self.boxes(held, order).await?;
        let pose = self.pose.get_or_load(|| fetch("movenet", order.device, Pose::load)).await?;
        order.go_on().await?;
        let rule = Suppression { min_score: PERSON_FLOOR, ..Suppression::default() };
        let people = people(held.candidates(), &rule);
        let found = pose.estimate(&held.photo, &people, order.device, order.trace).await?;
        held.found.skeletons = Some(suppress_alike(found));
        Ok(())
    }

    async fn masks(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        self.boxes(held, order).await?;
        let masker = self.masker.get_or_load(|| fetch("mask", order.device, Masker::load)).await?;
        order.go_on().await?;
        let seen = self.look(held, order);
        let rule = Suppression { min_score: MASK_FLOOR, max_boxes: MOST_MASKS, ..Suppression::default() };
        let chosen = suppress(held.candidates(), &rule).kept;
        held.found.masks = Some(masker.masks(&seen, held.candidates(), &chosen, order.trace).await?);
        Ok(())
    }

    async fn class_map(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        let segmenter = self.segmenter.get_or_load(|| fetch("segment", order.device, Segmenter::load)).await?;
        order.go_on().await?;
        let seen = self.look(held, order);
        held.found.class_map = Some(segmenter.segment(&seen, &self.ssd, order.trace).await?);
        Ok(())
    }

    async fn captions(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        self.boxes(held, order).await?;
        let captioner = self.captioner.get_or_load(|| fetch("caption", order.device, Captioner::load)).await?;
        order.go_on().await?;
        let seen = self.look(held, order);
        let regions = prominent(held.candidates(), seen.photo);
        let (wanted, heard) = (order.wanted, Cell::new(Date::now()));
        let go_on = async || {
            if Date::now() - heard.get() < PATIENCE {
                return Ok(());
            }
            let answer = hear(wanted).await;
            heard.set(Date::now());
            answer
        };
        held.found.captions = Some(captioner.describe_while(&seen, &regions, order.trace, go_on).await?);
        Ok(())
    }

    async fn localize(&self, held: &mut Held, order: &mut Order<'_>) -> Result<(), Stop> {
        let localizer = self.localizer.get_or_load(|| fetch("localize", order.device, Localizer::load)).await?;
        order.go_on().await?;
        let seen = self.look(held, order);
        held.found.location = Some(localizer.localize(&seen, order.trace).await?);
        Ok(())
    }
}

/// The boxes that are worth a sentence, in photo pixels, surest first.
fn prominent(candidates: &[Candidate], (width, height): (u32, u32)) -> Vec<BBox> {
    let (width, height) = (width as f32, height as f32);
    let rule = Suppression { min_score: CAPTION_FLOOR, ..Suppression::default() };
    let kept = suppress(candidates, &rule).kept.into_iter().map(|i| candidates[i].bbox.clip(width, height));
    kept.filter(|it| it.width() * it.height() >= LEAST_REGION * width * height).take(MOST_REGIONS).collect()
}

/// Fetches a network's weights and loads them.
async fn fetch<T>(
    name: &str,
    device: &Device,
    read: impl FnOnce(Vec<u8>, &Device) -> Result<T, WeightsError>,
) -> Result<T, Stop> {
    let bytes = load(&format!("weights/{name}.bpk")).await.map_err(|(why, detail)| Stop::Failed(why, detail))?;
    read(bytes, device).map_err(|error| Stop::Failed(FailureKind::Checksum, error.to_string()))
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
