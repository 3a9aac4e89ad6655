//! What happens to the engine, what it wants done, and what the page shows of it.

use lookout_protocol::{Backend, Reply, Request, SystemStage};
use model::{
    catalog::System,
    run::Run,
    structures::question::{Answer, Question},
};

use super::{backend_choice::Choice, loading::LoadState, session::SessionId};

/// Systems to run on a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The photo, or the camera's frame.
    pub photo: u32,
    /// The systems, in order.
    pub systems: Vec<System>,
    /// Whether every stage's artifact is read back.
    pub inside: bool,
    /// Whether stages are computed again that the worker has, for their times.
    pub again: bool,
    /// Whether the page shows a result already, and only details are fetched.
    pub background: bool,
    /// Whether parts of the photo are looked at, too.
    pub closer: bool,
}

/// A question about a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The photo.
    pub photo: u32,
    /// Who is asked.
    pub system: System,
    /// What is asked.
    pub question: Question,
}

/// How the run for the photo on show stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked.
    #[default]
    Idle,
    /// The result is awaited.
    Running,
    /// The result is there.
    Done,
    /// The visitor cancelled it.
    Cancelled,
    /// It failed; the sentence is on the page.
    Failed,
}

/// What happens to the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A backend was chosen.
    Chosen(Choice),
    /// The page wants a result; replaces a run in progress.
    Ask(Job),
    /// The page has what it wanted.
    Settle,
    /// The page shows earlier results, e.g. by undo.
    Recall {
        /// Whether there are any.
        known: bool,
    },
    /// The visitor does not want the result any more.
    Cancel,
    /// The visitor wants another backend; the photo on show runs there.
    Switch(Backend, Option<Job>),
    /// The visitor wants another try after the engine gave up.
    Retry(Option<Job>),
    /// The camera's picture, or a photo that is not on show; only to be sent again once this one is answered.
    Frame(Job),
    /// Nobody waits for the frame any more.
    DropFrame,
    /// A question beside runs; only to be asked again, or another one, once this one is answered.
    Query(Query),
    /// A message from a worker.
    Reply(SessionId, Reply),
    /// A worker died, or could not be started or reached.
    Crashed(SessionId, String),
    /// A worker that belonged to another frame of the page is gone.
    Gone(SessionId),
    /// The browser has no memory for the photo's pixels, with the sentence that says so.
    NoPixels(String),
    /// About a second has passed.
    Tick,
}

/// Why a frame is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Something else had the worker: it may be sent again.
    Overtaken,
    /// The worker failed on it, with the sentence that says so.
    Failed(String),
}

/// What the engine wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start a worker.
    Open(SessionId, Backend),
    /// End a worker.
    Close(SessionId),
    /// Send a request.
    Send {
        /// To which worker.
        to: SessionId,
        /// The photo or frame whose pixels are sent before.
        pixels: Option<u32>,
        /// The request.
        request: Request,
    },
    /// Stages on a photo are done.
    Stages {
        /// The photo.
        photo: u32,
        /// The stages.
        stages: Vec<SystemStage>,
        /// What has run them, in words.
        device: String,
        /// Milliseconds since they were asked for.
        wall_ms: f64,
        /// Whether parts of the photo were looked at, too.
        closer: bool,
    },
    /// The frame is answered, or will never be.
    Frame(Result<Vec<Run>, Missed>),
    /// The question is answered; `None` if the worker was not free for it, or was lost: it may be asked again.
    Answer(Option<Answer>),
    /// Tell the visitor in passing.
    Notice(String),
    /// Tell the visitor what did not work.
    Fault {
        /// The sentence.
        sentence: String,
        /// Whether another try is offered.
        retry: bool,
    },
    /// Keep the faster backend for later visits.
    Remember(Backend),
    /// Drop what is kept about backends.
    Forget,
    /// A line for a bug report.
    Log(String),
}

/// What the page shows of the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The backend in use and why, once chosen.
    pub choice: Option<Choice>,
    /// How far the worker is loaded.
    pub loading: LoadState,
    /// What runs the network, in words, once the worker is ready.
    pub device: Option<String>,
    /// Whether there is no worker, because it failed and was given up.
    pub stopped: bool,
    /// How the run stands.
    pub phase: Phase,
    /// Whether there is a run that the page has asked for, in the background or not.
    pub busy: bool,
}
