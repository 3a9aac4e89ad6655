//! What a system runs in: the photo, the device, the cache of stages, and the observer who is told of each stage.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use burn::tensor::{Device, Tensor};
use web_time::Instant;

use super::{LocalBoxFuture, Settings};
use crate::{
    catalog::System,
    device::{RunError, is_asynchronous, ms, wait_for},
    photo::Photo,
    run::Run,
    structures::stage::{Artifact, Kept, Progress, Stage},
};

/// A value that a stage computes.
#[expect(async_fn_in_trait, reason = "runs are on one thread: their futures need not be Send")]
pub trait Output: 'static {
    /// Whether it is a result: then its artifact is read in every run, not only in one that somebody looks into.
    const IS_RESULT: bool = false;

    /// What the device computes last of it; `None` for a value on the host, which is there already.
    fn last_tensor(&self) -> Option<Tensor<4>> {
        None
    }

    /// Reads what the page draws of it.
    ///
    /// # Errors
    /// When the device fails or a number is not finite.
    async fn artifact(&self) -> Result<Artifact, RunError>;
}

/// Who is told of stages as they are done, and who may end the run.
pub trait Observer {
    /// Whether every stage's artifact is wanted, not only the results'.
    fn is_inside(&self) -> bool;

    /// Takes a stage; a long one several times, with its progress.
    fn stage(&self, stage: Stage);

    /// Takes what a long stage has done since it last said so, for a worker that may have to go on in this one's place.
    fn keep(&self, _kept: Kept) {}

    /// Whether the run goes on; called between stages and between the steps of long ones.
    fn goes_on(&self) -> LocalBoxFuture<'_, bool>;
}

/// A stage by its key and a hash of the settings that it depends on.
type Place = (&'static str, u64);

/// The stages of one photo that have been computed, and what interrupted ones have done so far.
#[derive(Default)]
pub struct StageCache {
    done: HashMap<Place, Entry>,
    interrupted: HashMap<Place, Interrupted>,
    /// What another worker had done of stages.
    kept: Vec<Kept>,
}

/// What a long stage had done when its run ended.
struct Interrupted {
    so_far: Box<dyn Any>,
    ms: f64,
    passes: u32,
}

struct Entry {
    value: Rc<dyn Any>,
    cost: Cost,
}

/// What computing a stage took.
#[derive(Clone, Copy)]
struct Cost {
    ms: f64,
    passes: u32,
    queued: bool,
}

impl StageCache {
    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes what another worker has done of a stage: the stage goes on from there.
    pub fn keep(&mut self, kept: Kept) {
        self.kept.push(kept);
    }

    fn take_kept(&mut self, key: &str, settings: &str) -> Option<Kept> {
        let found = self.kept.iter().position(|kept| kept.key == key && kept.settings == settings)?;
        Some(self.kept.swap_remove(found))
    }
}

/// What a system runs in.
pub struct Context<'a> {
    /// The photo.
    pub photo: &'a Photo,
    /// Where networks run.
    pub device: &'a Device,
    /// What systems can be asked to do differently.
    pub settings: &'a Settings,
    cache: &'a mut StageCache,
    observer: &'a dyn Observer,
    /// The stages that were computed in this context: a system may ask for one several times.
    own: HashSet<Place>,
}

/// What a stage computes with.
pub struct Work<'a> {
    /// Where networks run.
    pub device: &'a Device,
    key: &'static str,
    settings: String,
    start: Instant,
    /// Milliseconds of earlier runs that were interrupted.
    earlier_ms: f64,
    /// What an earlier run had done, until the stage takes it; then what this run had done when it was interrupted.
    so_far: RefCell<Option<Box<dyn Any>>>,
    /// What another worker had done, until the stage takes it.
    kept: Cell<Option<Vec<u8>>>,
    /// When the last of [`Work::time_maps`] was done.
    lap: Cell<Instant>,
    passes: Cell<u32>,
    observer: &'a dyn Observer,
}

impl Work<'_> {
    /// Computes maps one after the other and times each.
    ///
    /// # Arguments
    /// * `pass` - computes one map each time it is asked.
    ///
    /// # Returns
    /// Milliseconds of each map; empty on an asynchronous device unless somebody looks inside, who waits for each.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn time_maps(&self, pass: &mut impl Iterator<Item = Tensor<4>>) -> Result<Vec<f64>, RunError> {
        let (waits, mut times) = (is_asynchronous(self.device), Vec::new());
        for map in pass {
            if !waits || self.observer.is_inside() {
                if waits {
                    wait_for(&map).await?;
                }
                let now = Instant::now();
                times.push(ms(self.lap.replace(now), now));
            }
        }
        Ok(times)
    }

    /// Counts forward passes of a network over pixels.
    pub fn count_passes(&self, passes: usize) {
        // A photo has far fewer regions than a u32 holds.
        self.passes.set(self.passes.get() + passes as u32);
    }

    /// Whether somebody looks into the run: whether pictures of what is done so far are wanted.
    pub fn is_inside(&self) -> bool {
        self.observer.is_inside()
    }

    /// Ends a cancelled run; to be called between the steps of a long stage.
    ///
    /// # Errors
    /// [`RunError::Cancelled`].
    pub async fn go_on(&self) -> Result<(), RunError> {
        go_on(self.observer).await
    }

    /// Milliseconds of the stage, interrupted runs included.
    fn ms(&self) -> f64 {
        self.earlier_ms + ms(self.start, Instant::now())
    }

    /// What an earlier run of the stage had done when it was interrupted: a long stage goes on from there.
    pub fn resume<T: Any>(&self) -> Option<T> {
        self.so_far.take()?.downcast().ok().map(|it| *it)
    }

    /// What [`Work::keep`] was given in a worker that was lost, all of it.
    pub fn kept(&self) -> Option<Vec<u8>> {
        self.kept.take()
    }

    /// Lets the page keep what is done, in case this worker is lost.
    ///
    /// # Arguments
    /// * `bytes` - what is done since the last time, in a form of the stage's own.
    pub fn keep(&self, bytes: Vec<u8>) {
        let (key, settings) = (self.key.into(), self.settings.clone());
        self.observer.keep(Kept { key, settings, ms: self.ms(), passes: self.passes.get(), bytes });
    }

    /// As [`Work::progress`], and keeps what is done for the next run if this one ends here.
    ///
    /// # Arguments
    /// * `so_far` - what [`Work::resume`] returns then.
    ///
    /// # Errors
    /// [`RunError::Cancelled`].
    pub async fn checkpoint<T: Any>(
        &self,
        so_far: T,
        (done, total): (usize, usize),
        artifact: Option<Artifact>,
    ) -> Result<T, RunError> {
        match self.progress(done, total, artifact).await {
            Ok(()) => Ok(so_far),
            Err(end) => {
                self.so_far.replace(Some(Box::new(so_far)));
                Err(end)
            }
        }
    }

    /// Tells how far the stage is and what it has produced so far, then as [`Work::go_on`].
    ///
    /// # Errors
    /// [`RunError::Cancelled`].
    pub async fn progress(&self, done: usize, total: usize, artifact: Option<Artifact>) -> Result<(), RunError> {
        self.observer.stage(Stage {
            key: self.key.into(),
            ms: self.ms(),
            passes: self.passes.get(),
            reused: false,
            queued: false,
            progress: Some(Progress { done: done as u32, total: total as u32 }),
            artifact,
        });
        self.go_on().await
    }
}

async fn go_on(observer: &dyn Observer) -> Result<(), RunError> {
    if observer.goes_on().await { Ok(()) } else { Err(RunError::Cancelled) }
}

impl<'a> Context<'a> {
    /// A context for a photo with the stages that are known of it.
    pub fn new(
        photo: &'a Photo,
        device: &'a Device,
        settings: &'a Settings,
        cache: &'a mut StageCache,
        observer: &'a dyn Observer,
    ) -> Self {
        Self { photo, device, settings, cache, observer, own: HashSet::new() }
    }

    /// Runs a stage that depends on the photo alone, or takes it from the cache.
    ///
    /// # Arguments
    /// * `key` - the stage's key in the catalogue.
    ///
    /// # Errors
    /// Those of `make`, and [`RunError::Cancelled`] when the run was cancelled before the stage.
    pub async fn stage<T: Output>(
        &mut self,
        key: &'static str,
        make: impl AsyncFnOnce(&Work<'_>) -> Result<T, RunError>,
    ) -> Result<Rc<T>, RunError> {
        self.stage_with(key, &(), make).await
    }

    /// Runs a stage that depends on settings, too, or takes it from the cache.
    ///
    /// # Arguments
    /// * `key` - the stage's key in the catalogue.
    /// * `settings` - what else the result depends on; told apart by how it prints.
    ///
    /// # Errors
    /// As [`Context::stage`].
    pub async fn stage_with<T: Output>(
        &mut self,
        key: &'static str,
        settings: &impl Debug,
        make: impl AsyncFnOnce(&Work<'_>) -> Result<T, RunError>,
    ) -> Result<Rc<T>, RunError> {
        let settings = format!("{settings:?}");
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        let place = (key, hasher.finish());
        let known = self.cache.done.get(&place).and_then(|entry| {
            let value = entry.value.clone().downcast::<T>().ok()?;
            Some((value, entry.cost))
        });
        let reused = known.is_some() && !self.own.contains(&place);
        let (value, cost) = match known {
            Some(known) => known,
            None => {
                let (value, cost) = self.compute(place, settings, make).await?;
                self.cache.done.insert(place, Entry { value: value.clone(), cost });
                self.own.insert(place);
                (value, cost)
            }
        };
        let Cost { ms, passes, queued } = cost;
        let is_wanted = T::IS_RESULT || self.observer.is_inside();
        let artifact = if is_wanted { Some(value.artifact().await?) } else { None };
        self.observer.stage(Stage { key: key.into(), ms, passes, reused, queued, progress: None, artifact });
        Ok(value)
    }

    async fn compute<T: Output>(
        &mut self,
        place: Place,
        settings: String,
        make: impl AsyncFnOnce(&Work<'_>) -> Result<T, RunError>,
    ) -> Result<(Rc<T>, Cost), RunError> {
        go_on(self.observer).await?;
        let start = Instant::now();
        let earlier = self.cache.interrupted.remove(&place);
        let kept = self.cache.take_kept(place.0, &settings).filter(|_| earlier.is_none());
        let of_kept = kept.as_ref().map_or((0.0, 0), |it| (it.ms, it.passes));
        let (earlier_ms, passes) = earlier.as_ref().map_or(of_kept, |it| (it.ms, it.passes));
        let work = Work {
            device: self.device,
            key: place.0,
            settings,
            start,
            earlier_ms,
            so_far: RefCell::new(earlier.map(|it| it.so_far)),
            kept: Cell::new(kept.map(|it| it.bytes)),
            lap: Cell::new(start),
            passes: Cell::new(passes),
            observer: self.observer,
        };
        let made = make(&work).await;
        if let (Err(_), Some(so_far)) = (&made, work.so_far.take()) {
            let interrupted = Interrupted { so_far, ms: work.ms(), passes: work.passes.get() };
            self.cache.interrupted.insert(place, interrupted);
        }
        let value = Rc::new(made?);
        let pending = value.last_tensor().filter(|_| is_asynchronous(self.device));
        let queued = pending.is_some() && !self.observer.is_inside();
        if let Some(tensor) = pending.filter(|_| !queued) {
            wait_for(&tensor).await?;
        }
        Ok((value, Cost { ms: work.ms(), passes: work.passes.get(), queued }))
    }
}

/// An observer that keeps the stages of one system and never ends a run.
pub struct Collector {
    run: RefCell<Run>,
    inside: bool,
}

impl Collector {
    /// Keeps the stages of a system.
    ///
    /// # Arguments
    /// * `inside` - whether every stage's artifact is wanted.
    #[must_use]
    pub fn new(system: System, inside: bool) -> Self {
        Self { run: RefCell::new(Run::new(system)), inside }
    }

    /// The stages so far.
    #[must_use]
    pub fn into_run(self) -> Run {
        self.run.into_inner()
    }
}

impl Observer for Collector {
    fn is_inside(&self) -> bool {
        self.inside
    }

    fn stage(&self, stage: Stage) {
        self.run.borrow_mut().note(stage);
    }

    fn goes_on(&self) -> LocalBoxFuture<'_, bool> {
        Box::pin(std::future::ready(true))
    }
}
