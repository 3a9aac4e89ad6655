mod camera;
mod failures;
mod questions;
mod race;
mod runs;
mod sharing;

use lookout_protocol::{FailureKind, Loading};
use model::{
    catalog::System,
    structures::stage::{Kept, Progress, Stage},
};

use super::*;
use crate::engine::loading::LoadState;

const CPU: Choice = Choice { backend: Backend::Cpu, why: Why::NoWebGpu };
const GPU: Choice = Choice { backend: Backend::Gpu, why: Why::Asked };
const RACE: Choice = Choice { backend: Backend::Cpu, why: Why::Race };

/// The engine with a clock: 10 ms pass before each event.
struct Bench {
    engine: Engine,
    now: f64,
}

impl Bench {
    fn new(choice: Choice) -> Self {
        let mut bench = Self { engine: Engine::new(None), now: 0.0 };
        bench.on(Event::Chosen(choice));
        bench
    }

    /// As [`Bench::new`], with a worker that is up.
    fn ready(choice: Choice) -> Self {
        let mut bench = Self::new(choice);
        bench.reply(1, ready(choice.backend));
        bench
    }

    fn on(&mut self, event: Event) -> Vec<Effect> {
        self.now += 10.0;
        self.engine.on(event, self.now)
    }

    fn reply(&mut self, from: SessionId, reply: Reply) -> Vec<Effect> {
        self.on(Event::Reply(from, reply))
    }

    /// Ticks once a second; the effects of all ticks.
    fn wait(&mut self, seconds: u32) -> Vec<Effect> {
        let tick = |_| {
            self.now += 1_000.0;
            self.engine.on(Event::Tick, self.now)
        };
        (0..seconds).flat_map(tick).collect()
    }

    fn phase(&self) -> Phase {
        self.engine.status().phase
    }

    fn choice(&self) -> Option<Choice> {
        self.engine.status().choice
    }
}

fn job(photo: u32, systems: &[System]) -> Job {
    Job { photo, systems: systems.to_vec(), inside: false, again: false, background: false, closer: false }
}

fn boxes(photo: u32) -> Job {
    job(photo, &[System::Ssd])
}

fn run(to: SessionId, id: u32, pixels: Option<u32>, job: &Job) -> Effect {
    let Job { photo, inside, again, closer, .. } = *job;
    let request = Request::Run { id, photo, systems: job.systems.clone(), inside, again, closer, kept: vec![] };
    Effect::Send { to, pixels, request }
}

fn request(to: SessionId, request: Request) -> Effect {
    Effect::Send { to, pixels: None, request }
}

fn ready(backend: Backend) -> Reply {
    Reply::Ready { backend, device: format!("a {backend:?}") }
}

fn stages() -> Vec<SystemStage> {
    let progress = Some(Progress { done: 1, total: 2 });
    let stage =
        Stage { key: "input".into(), ms: 1.0, passes: 0, reused: false, queued: false, progress, artifact: None };
    vec![SystemStage { system: System::Ssd, stage }]
}

fn stages_of(id: u32) -> Reply {
    Reply::Stages { id, stages: stages() }
}

fn done(id: u32) -> Reply {
    Reply::Done { id, stages: vec![] }
}

fn failed(id: Option<u32>, why: FailureKind) -> Reply {
    Reply::Failed { id, why, detail: "a test".into() }
}

/// What a worker is asked for; the sentences and the log beside it do not matter to most tests.
fn work(effects: Vec<Effect>) -> Vec<Effect> {
    let said = |it: &Effect| matches!(it, Effect::Notice(_) | Effect::Log(_) | Effect::Fault { .. });
    effects.into_iter().filter(|it| !said(it)).collect()
}

fn notices(effects: &[Effect]) -> usize {
    effects.iter().filter(|it| matches!(it, Effect::Notice(_))).count()
}
