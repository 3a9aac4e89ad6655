//! Runs of systems on a client's photo.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use lookout_protocol::{FailureKind, Reply, SystemStage};
use model::{
    catalog::System,
    device::RunError,
    photo::Photo,
    structures::{
        question::{Answer, Question},
        stage::{Kept, Stage},
    },
    systems::{
        Context, Detector, LoadError, LocalBoxFuture, Networks, Observer, Settings, Source, StageCache, load,
        load_to_answer,
    },
};

use super::{
    client::Client,
    failure::{Failure, of_run},
    page::{fetch, now, task_boundary},
};

/// Milliseconds after which the page's messages are let in during a run: browsers make each pause at least 4 ms long.
const MAX_SILENCE: f64 = 100.0;

/// Why a run ended without its result.
pub enum RunEnd {
    /// The page cancelled it, or it gives way to another client's.
    Cancelled,
    /// It failed.
    Failed(Failure),
}

impl From<RunError> for RunEnd {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Cancelled => Self::Cancelled,
            error => Self::Failed(of_run(&error)),
        }
    }
}

impl From<LoadError<Failure>> for RunEnd {
    fn from(error: LoadError<Failure>) -> Self {
        Self::Failed(match error {
            LoadError::Source(failure) => failure,
            LoadError::Weights(name, error) => (FailureKind::Checksum, format!("{name}: {error}")),
        })
    }
}

/// Weights that the shell fetches from the page's host.
pub struct Host;

impl Source for Host {
    type Error = Failure;

    async fn weights(&self, name: &'static str) -> Result<Vec<u8>, Failure> {
        fetch(&format!("weights/{name}.bpk")).await
    }
}

/// A client's photo with the stages that are known of it.
pub struct PhotoContext {
    /// The page's name for it.
    pub id: u32,
    photo: Photo,
    cache: StageCache,
}

impl PhotoContext {
    /// A photo with an empty stage cache.
    pub fn new(id: u32, photo: Photo) -> Self {
        Self { id, photo, cache: StageCache::default() }
    }

    /// Computes stages again that were computed before.
    pub fn forget(&mut self) {
        self.cache.clear();
    }

    /// Takes what another worker has done on the photo.
    pub fn keep(&mut self, kept: &[Kept]) {
        kept.iter().for_each(|kept| self.cache.keep(kept.clone()));
    }
}

/// A system, and the name of weights that it has beside its own.
type Key = (System, Option<&'static str>);

/// Systems that are loaded, each when it first runs.
pub struct Systems {
    networks: Networks<Host>,
    loaded: RefCell<BTreeMap<Key, &'static dyn Detector>>,
}

impl Systems {
    /// None yet.
    pub fn new(networks: Networks<Host>) -> Self {
        Self { networks, loaded: RefCell::default() }
    }

    async fn get(
        &self,
        system: System,
        question: Option<&Question>,
    ) -> Result<&'static dyn Detector, LoadError<Failure>> {
        let key = (system, question.and_then(Question::weights));
        let known = self.loaded.borrow().get(&key).copied();
        if let Some(detector) = known {
            return Ok(detector);
        }
        // The worker lives as long as its systems: leaking one is owning it.
        let detector: &'static dyn Detector = Box::leak(match question {
            Some(question) => load_to_answer(system, question, &self.networks).await?,
            None => load(system, &self.networks).await?,
        });
        self.loaded.borrow_mut().insert(key, detector);
        Ok(detector)
    }

    /// Does a job: runs systems one after the other, and says each one's stages when the next begins; or asks one.
    ///
    /// # Returns
    /// The answer, if something was asked.
    ///
    /// # Errors
    /// Why there is no result; stages that were done by then stay in the photo's cache.
    pub async fn work(
        &self,
        job: &Job,
        photo: &mut PhotoContext,
        run: &PageObserver<'_>,
    ) -> Result<Option<Answer>, RunEnd> {
        let (systems, question, closer) = match job {
            Job::Run { systems, closer, .. } => (&systems[..], None, *closer),
            Job::Ask { system, question } => (std::slice::from_ref(system), Some(question), false),
        };
        let settings = Settings { closer, ..Settings::default() };
        for &system in &systems[run.finished.get()..] {
            let detector = self.get(system, question).await?;
            run.begin(system);
            let PhotoContext { photo, cache, .. } = &mut *photo;
            let mut cx = Context::new(photo, self.networks.device(), &settings, cache, run);
            let Some(question) = question else {
                detector.run(&mut cx).await?;
                run.finished.update(|finished| finished + 1);
                continue;
            };
            let answer = detector.answer(&mut cx, question).await?;
            let none = || RunEnd::Failed((FailureKind::Internal, format!("{system:?} answers no {question:?}")));
            return Ok(Some(answer.ok_or_else(none)?));
        }
        Ok(None)
    }
}

/// What is done with the photo.
pub enum Job {
    /// See [`lookout_protocol::Request::Run`].
    Run { systems: Vec<System>, inside: bool, again: bool, closer: bool, kept: Vec<Kept> },
    /// See [`lookout_protocol::Request::Ask`].
    Ask { system: System, question: Question },
}

/// Sends stages to the page and hears whether it still waits for them.
pub struct PageObserver<'a> {
    client: &'a Client,
    id: u32,
    system: Cell<System>,
    /// How many of the systems are done.
    finished: Cell<usize>,
    inside: bool,
    unsaid: RefCell<Vec<SystemStage>>,
    /// What the system that is running has said, and what of it before the run gave way to another client's.
    said: RefCell<Vec<Cow<'static, str>>>,
    said_before: RefCell<Vec<Cow<'static, str>>>,
    /// How far the last long stage was.
    furthest: Cell<u32>,
    /// Whether anything was done in this turn that the next one need not do again; unknown before something is said.
    has_advanced: Cell<Option<bool>>,
    heard: Cell<f64>,
    may_go_on: &'a dyn Fn() -> bool,
}

impl<'a> PageObserver<'a> {
    /// An observer of the run or question `id`.
    ///
    /// # Arguments
    /// * `may_go_on` - whether the page still waits for it, and no other client for the device.
    pub fn new(client: &'a Client, id: u32, job: &Job, may_go_on: &'a dyn Fn() -> bool) -> Self {
        Self {
            client,
            id,
            system: Cell::default(),
            finished: Cell::default(),
            inside: matches!(job, Job::Run { inside: true, .. }),
            unsaid: RefCell::default(),
            said: RefCell::default(),
            said_before: RefCell::default(),
            furthest: Cell::default(),
            has_advanced: Cell::default(),
            heard: Cell::new(now()),
            may_go_on,
        }
    }

    /// Says what is done before others have the device; the system begins again then, with the stages that are known.
    ///
    /// # Returns
    /// Whether the turn has brought the job forward: not if its stage began anew, and will again.
    pub fn give_way(&self) -> bool {
        self.say();
        self.said_before.borrow_mut().append(&mut self.said.borrow_mut());
        self.has_advanced.take().unwrap_or(false)
    }

    /// Notes how far a long stage is, or that a stage is done.
    fn advance(&self, stage: &Stage) {
        let Some(progress) = stage.progress else {
            self.furthest.set(0);
            return self.has_advanced.set(Some(true));
        };
        // A stage that was interrupted goes on from where it was, or begins anew: its first report tells.
        let is_further = progress.done > self.furthest.replace(progress.done);
        if self.has_advanced.get().is_none() {
            self.has_advanced.set(Some(is_further));
        }
    }

    fn begin(&self, system: System) {
        self.say();
        if self.system.replace(system) != system {
            self.said.take();
            self.said_before.take();
        }
    }

    /// Takes the stages that were not said yet.
    pub fn take_unsaid(&self) -> Vec<SystemStage> {
        self.unsaid.take()
    }

    /// Says the stages that were not said yet.
    pub fn say(&self) {
        let stages = self.take_unsaid();
        if !stages.is_empty() {
            self.client.post(&Reply::Stages { id: self.id, stages });
        }
    }
}

impl Observer for PageObserver<'_> {
    fn is_inside(&self) -> bool {
        self.inside
    }

    fn stage(&self, stage: Stage) {
        if !stage.reused {
            self.advance(&stage);
        }
        if stage.reused && self.said_before.borrow().contains(&stage.key) {
            return;
        }
        if stage.progress.is_none() {
            self.said.borrow_mut().push(stage.key.clone());
        }
        let waits = !self.inside && stage.progress.is_none();
        self.unsaid.borrow_mut().push(SystemStage { system: self.system.get(), stage });
        // Each message costs the page a look at its results: those of a plain run's short stages go together.
        if !waits {
            self.say();
        }
    }

    fn keep(&self, kept: Kept) {
        self.client.post(&Reply::Kept { id: self.id, kept });
    }

    fn goes_on(&self) -> LocalBoxFuture<'_, bool> {
        Box::pin(async {
            if now() - self.heard.get() >= MAX_SILENCE {
                task_boundary().await;
                self.heard.set(now());
            }
            (self.may_go_on)()
        })
    }
}
