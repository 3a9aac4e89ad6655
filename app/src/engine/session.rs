//! One worker and what it is doing. Replacing a worker replaces this value: nothing is reset by hand.

use lookout_protocol::{Backend, Reply, Request};
use model::structures::stage::Kept;

use super::{
    event::{Effect, Job, Query},
    loading::LoadState,
    watchdog::{Watchdog, max_silence},
};

/// Numbers a worker: what still comes from a replaced one is known by it.
pub type SessionId = u32;

/// A cancelled run that still keeps the worker busy after this many milliseconds is ended with the worker (CPU only: a
/// GPU's compiled programs are worth more than the wait).
const CANCEL_GRACE_MS: f64 = 1_500.0;

/// A worker.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    backend: Backend,
    /// What runs the network, in words, once the worker is ready.
    pub device: Option<String>,
    /// How far it is loaded.
    pub loading: LoadState,
    /// The photo or frame that the worker holds.
    photo: Option<u32>,
    /// The first run on that photo; ids grow.
    first_run: u32,
    /// The newest run, until it is answered.
    running: Option<u32>,
    /// The runs on that photo that look closer.
    closer: Vec<u32>,
    /// Whether a run has ended: everything is compiled by then.
    warm: bool,
    cancelled_at: Option<f64>,
    watchdog: Watchdog,
}

impl Session {
    /// A worker that has just been started.
    pub const fn new(id: SessionId, backend: Backend, now: f64) -> Self {
        Self {
            id,
            backend,
            device: None,
            loading: LoadState::new(),
            photo: None,
            first_run: 0,
            running: None,
            closer: Vec::new(),
            warm: false,
            cancelled_at: None,
            watchdog: Watchdog::new(now),
        }
    }

    /// Sends a run, with the photo unless the worker holds it.
    ///
    /// # Arguments
    /// * `kept` - what a worker that was lost had done of the run.
    pub fn run(&mut self, id: u32, job: &Job, kept: Vec<Kept>, now: f64) -> Effect {
        let pixels = self.hold(job.photo, id, now);
        self.running = Some(id);
        let Job { photo, inside, again, closer, .. } = *job;
        self.closer.extend(closer.then_some(id));
        let request = Request::Run { id, photo, systems: job.systems.clone(), inside, again, closer, kept };
        Effect::Send { to: self.id, pixels, request }
    }

    /// Sends a question, with the photo unless the worker holds it; `None` if it is busy with another one.
    pub fn ask(&mut self, id: u32, query: Query, now: f64) -> Option<Effect> {
        let Query { photo, system, question } = query;
        if !self.holds(photo) && !self.is_idle() {
            return None;
        }
        let pixels = self.hold(photo, id, now);
        Some(Effect::Send { to: self.id, pixels, request: Request::Ask { id, photo, system, question } })
    }

    /// Whether the worker holds a photo.
    pub fn holds(&self, photo: u32) -> bool {
        self.photo == Some(photo)
    }

    /// Has the worker hold a photo from a run or question on; returns it if its pixels must be sent.
    fn hold(&mut self, photo: u32, id: u32, now: f64) -> Option<u32> {
        self.watchdog.feed(now);
        if self.holds(photo) {
            return None;
        }
        (self.photo, self.first_run, self.cancelled_at) = (Some(photo), id, None);
        self.closer.clear();
        Some(photo)
    }

    /// Cancels a run that the visitor does not want any more.
    pub fn cancel(&mut self, id: u32, now: f64) -> Effect {
        self.cancelled_at = Some(now);
        self.request(Request::Cancel { id })
    }

    /// Sends a request without pixels.
    pub const fn request(&self, request: Request) -> Effect {
        Effect::Send { to: self.id, pixels: None, request }
    }

    /// Forgets a photo that could not be sent.
    pub fn forget_photo(&mut self) {
        (self.photo, self.running) = (None, None);
    }

    /// Takes over what a message says about the worker itself.
    pub fn note(&mut self, reply: &Reply, now: f64) {
        self.watchdog.feed(now);
        match reply {
            Reply::Progress { .. } => self.loading.note(reply),
            Reply::Ready { device, .. } => self.device = Some(device.clone()),
            Reply::Done { id, .. } | Reply::Cancelled { id } | Reply::Failed { id: Some(id), .. } => {
                self.warm |= matches!(reply, Reply::Done { .. });
                self.cancelled_at = None;
                self.running = self.running.filter(|running| running != id);
            }
            _ => {}
        }
    }

    /// A worker that has proved itself elsewhere, e.g. in a race.
    pub fn warmed(mut self, now: f64) -> Self {
        self.warm = true;
        self.watchdog.feed(now);
        self
    }

    /// The photo of a run, if the worker still holds it; runs on earlier photos are nobody's business any more.
    pub fn photo_of(&self, run: u32) -> Option<u32> {
        self.photo.filter(|_| run >= self.first_run)
    }

    /// Whether a run on the photo looks closer.
    pub fn is_closer(&self, run: u32) -> bool {
        self.closer.contains(&run)
    }

    /// Whether no run is in progress.
    pub const fn is_idle(&self) -> bool {
        self.running.is_none()
    }

    /// To be called about once a second: whether the worker has been silent for too long.
    ///
    /// # Arguments
    /// * `limit` - milliseconds, instead of the usual ones.
    pub fn is_silent(&mut self, now: f64, limit: Option<f64>) -> bool {
        self.watchdog.tick(now, limit.unwrap_or_else(|| max_silence(self.backend, self.warm)))
    }

    /// Whether a cancelled run keeps a worker on the CPU busy for too long.
    pub fn is_stuck(&self, now: f64) -> bool {
        let late = self.cancelled_at.is_some_and(|at| now - at > CANCEL_GRACE_MS);
        late && self.backend == Backend::Cpu && self.device.is_some()
    }
}
