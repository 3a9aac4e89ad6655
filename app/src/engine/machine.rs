//! The engine as a state machine: events in, effects out. It knows one worker (two while backends race), the run that the
//! page waits for, and the camera's frame; it touches neither the browser nor the page, so that every order of events can
//! be tested. [`super::EngineHandle`] performs its effects.

use lookout_protocol::{Backend, Reply, Request, SystemStage};
use model::{run::Run, structures::stage::Kept};

mod questions;
mod racing;
mod sharing;

use super::{
    backend_choice::{Choice, Why},
    backend_race::Race,
    event::{Effect, Event, Job, Missed, Phase, Status},
    session::{Session, SessionId},
    supervision::{Incident, Remedy, remedy},
};
use crate::words::faults;

/// The run that the page waits for.
#[derive(Clone, Debug)]
struct PendingRun {
    id: u32,
    job: Job,
    since: f64,
    /// What its worker has done of it, for the next one.
    kept: Vec<Kept>,
}

impl PendingRun {
    fn keep(&mut self, kept: Kept) {
        match self.kept.iter_mut().find(|it| (&it.key, &it.settings) == (&kept.key, &kept.settings)) {
            Some(known) => known.append(kept),
            None => self.kept.push(kept),
        }
    }
}

/// The frame that is looked at, with what has come of it: the camera's, or a photo that is not on show.
#[derive(Clone, Debug)]
struct PendingFrame {
    id: u32,
    runs: Vec<Run>,
}

impl PendingFrame {
    fn note(&mut self, SystemStage { system, stage }: SystemStage) {
        let known = self.runs.iter().position(|run| run.system == system);
        let index = known.unwrap_or_else(|| {
            self.runs.push(Run::new(system));
            self.runs.len() - 1
        });
        self.runs[index].note(stage);
    }
}

/// The engine.
#[derive(Debug, Default)]
pub struct Engine {
    choice: Option<Choice>,
    session: Option<Session>,
    race: Option<Race>,
    wanted: Option<PendingRun>,
    frame: Option<PendingFrame>,
    /// The question that is not answered yet.
    asked: Option<u32>,
    phase: Phase,
    /// How often the worker was restarted since its last result.
    restarts: u32,
    runs: u32,
    sessions: SessionId,
    max_silence_ms: Option<f64>,
}

impl Engine {
    /// An engine without a backend.
    ///
    /// # Arguments
    /// * `max_silence_ms` - silence after which the worker counts as hung, instead of the usual one.
    pub fn new(max_silence_ms: Option<f64>) -> Self {
        Self { max_silence_ms, ..Self::default() }
    }

    /// What the page shows.
    pub fn status(&self) -> Status {
        let session = self.session.as_ref();
        Status {
            choice: self.choice,
            loading: session.map(|session| session.loading).unwrap_or_default(),
            device: session.and_then(|session| session.device.clone()),
            stopped: self.choice.is_some() && session.is_none(),
            phase: self.phase,
            busy: self.wanted.is_some(),
        }
    }

    /// Takes an event.
    ///
    /// # Arguments
    /// * `now` - milliseconds on a steady clock.
    ///
    /// # Returns
    /// What is to be done, in order.
    pub fn on(&mut self, event: Event, now: f64) -> Vec<Effect> {
        let mut out = Vec::new();
        match event {
            Event::Chosen(choice) => self.open(choice, now, &mut out),
            Event::Ask(job) => self.ask(job, now, &mut out),
            Event::Settle => (self.wanted, self.phase) = (None, Phase::Done),
            Event::Recall { known } => {
                self.cancel(now, &mut out);
                self.phase = if known { Phase::Done } else { Phase::Idle };
            }
            Event::Cancel => self.cancel(now, &mut out),
            Event::Switch(backend, job) => {
                self.restart_with(Choice { backend, why: Why::Asked }, job, now, &mut out);
            }
            Event::Retry(job) => {
                if let Some(choice) = self.choice {
                    self.restart_with(choice, job, now, &mut out);
                }
            }
            Event::Frame(job) => self.look(&job, now, &mut out),
            Event::DropFrame => {
                if let (Some(frame), Some(session)) = (self.frame.take(), &self.session) {
                    out.push(session.request(Request::Cancel { id: frame.id }));
                }
            }
            Event::Query(query) => self.query(query, now, &mut out),
            Event::Reply(from, reply) => self.hear(from, reply, now, &mut out),
            Event::Crashed(from, detail) => self.crash(from, &detail, now, &mut out),
            Event::Gone(from) => self.replace(from, now, &mut out),
            Event::NoPixels(sentence) => {
                if let Some(session) = &mut self.session {
                    session.forget_photo();
                }
                (self.wanted, self.phase) = (None, Phase::Failed);
                self.miss_question(&mut out);
                out.push(Effect::Fault { sentence, retry: false });
            }
            Event::Tick => self.tick(now, &mut out),
        }
        out
    }

    fn take_run(&mut self) -> u32 {
        self.runs += 1;
        self.runs
    }

    fn take_session(&mut self, backend: Backend, now: f64) -> Session {
        self.sessions += 1;
        Session::new(self.sessions, backend, now)
    }

    fn ask(&mut self, job: Job, now: f64, out: &mut Vec<Effect>) {
        self.want(job, now);
        match (&self.session, self.choice) {
            (Some(_), _) => self.send_wanted(now, out),
            // It gave up earlier: a new photo is a new try.
            (None, Some(choice)) => self.open(choice, now, out),
            // Still choosing: `open` sends it.
            (None, None) => {}
        }
    }

    fn want(&mut self, job: Job, now: f64) {
        self.phase = if job.background { Phase::Done } else { Phase::Running };
        self.wanted = Some(PendingRun { id: self.take_run(), job, since: now, kept: Vec::new() });
    }

    fn send_wanted(&mut self, now: f64, out: &mut Vec<Effect>) {
        let Some(photo) = self.wanted.as_ref().map(|wanted| wanted.job.photo) else { return };
        self.miss_question_for(photo, out);
        let (Some(session), Some(wanted)) = (&mut self.session, &self.wanted) else { return };
        out.push(session.run(wanted.id, &wanted.job, wanted.kept.clone(), now));
    }

    fn cancel(&mut self, now: f64, out: &mut Vec<Effect>) {
        let Some(wanted) = self.wanted.take() else { return };
        if !wanted.job.background {
            self.phase = Phase::Cancelled;
        }
        if let Some(session) = &mut self.session {
            out.push(session.cancel(wanted.id, now));
        }
    }

    fn restart_with(&mut self, choice: Choice, job: Option<Job>, now: f64, out: &mut Vec<Effect>) {
        self.restarts = 0;
        if let Some(job) = job {
            self.want(job, now);
        }
        self.open(choice, now, out);
    }

    /// Replaces the worker; what the page waits for is sent to the new one.
    fn open(&mut self, choice: Choice, now: f64, out: &mut Vec<Effect>) {
        out.extend(self.session.take().map(|old| Effect::Close(old.id)));
        if choice.why != Why::Race {
            self.close_race(out);
        }
        let session = self.take_session(choice.backend, now);
        out.push(Effect::Open(session.id, choice.backend));
        (self.session, self.choice) = (Some(session), Some(choice));
        self.send_wanted(now, out);
        self.miss_frame(out);
        self.miss_question(out);
        if choice.why == Why::Race {
            self.race_on(now, out);
        }
    }

    /// The frame lost the worker: the next one, or the same, is asked for.
    fn miss_frame(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.frame.take().map(|_| Effect::Frame(Err(Missed::Overtaken))));
    }

    fn look(&mut self, job: &Job, now: f64, out: &mut Vec<Effect>) {
        let id = self.take_run();
        // What the page waits for goes first.
        if self.wanted.is_none() {
            self.miss_question_for(job.photo, out);
        }
        let session = self.session.as_mut().filter(|_| self.wanted.is_none());
        let Some(session) = session else { return out.push(Effect::Frame(Err(Missed::Overtaken))) };
        out.push(session.run(id, job, Vec::new(), now));
        self.frame = Some(PendingFrame { id, runs: Vec::new() });
    }

    fn hear(&mut self, from: SessionId, reply: Reply, now: f64, out: &mut Vec<Effect>) {
        if let Some(race) = self.race.as_mut().filter(|race| race.session.id == from) {
            let turn = race.reply(&reply, now);
            return self.take_turn(turn, &reply, out);
        }
        let Some(session) = self.session.as_mut().filter(|session| session.id == from) else {
            return; // a worker that was replaced
        };
        session.note(&reply, now);
        match reply {
            Reply::Stages { id, stages } => self.stages(id, stages, now, out),
            Reply::Kept { id, kept } => {
                if let Some(wanted) = self.wanted.as_mut().filter(|wanted| wanted.id == id) {
                    wanted.keep(kept);
                }
            }
            Reply::Done { id, stages } => {
                self.stages(id, stages, now, out);
                self.done(id, out);
            }
            Reply::Answer { id, answer } => self.answer(id, answer, out),
            Reply::Cancelled { id } if self.frame_id() == Some(id) => self.miss_frame(out),
            Reply::Cancelled { id } if self.asked == Some(id) => self.miss_question(out),
            // The failure of a run that nobody waits for is no news.
            Reply::Failed { id, why, detail }
                if id.is_none_or(|_| [self.wanted_id(), self.frame_id(), self.asked].contains(&id)) =>
            {
                self.on_incident(Incident::Reported(why), &detail, now, out);
            }
            Reply::NetworkTime { ms } => self.end_timing(ms, out),
            _ => {}
        }
        self.hand_over(now, out);
    }

    fn wanted_id(&self) -> Option<u32> {
        self.wanted.as_ref().map(|wanted| wanted.id)
    }

    fn frame_id(&self) -> Option<u32> {
        self.frame.as_ref().map(|frame| frame.id)
    }

    fn stages(&mut self, id: u32, stages: Vec<SystemStage>, now: f64, out: &mut Vec<Effect>) {
        if let Some(frame) = self.frame.as_mut().filter(|frame| frame.id == id) {
            return stages.into_iter().for_each(|stage| frame.note(stage));
        }
        if stages.is_empty() {
            return;
        }
        let Some(session) = &self.session else { return };
        let Some(photo) = session.photo_of(id) else { return };
        let device = session.device.clone().unwrap_or_default();
        let since = self.wanted.as_ref().filter(|wanted| wanted.id == id).map_or(now, |wanted| wanted.since);
        let closer = session.is_closer(id);
        out.push(Effect::Stages { photo, stages, device, wall_ms: now - since, closer });
    }

    fn done(&mut self, id: u32, out: &mut Vec<Effect>) {
        if let Some(frame) = self.frame.take_if(|frame| frame.id == id) {
            self.restarts = 0;
            out.push(Effect::Frame(Ok(frame.runs)));
        } else if self.wanted.take_if(|wanted| wanted.id == id).is_some() {
            (self.restarts, self.phase) = (0, Phase::Done);
        }
    }

    fn crash(&mut self, from: SessionId, detail: &str, now: f64, out: &mut Vec<Effect>) {
        if self.race.as_ref().is_some_and(|race| race.session.id == from) {
            out.push(Effect::Log(format!("the GPU in the race: {detail}")));
            self.end_race(Why::GpuFailed, out);
        } else if self.session.as_ref().is_some_and(|session| session.id == from) {
            self.on_incident(Incident::Crashed, detail, now, out);
        }
    }

    fn on_incident(&mut self, incident: Incident, detail: &str, now: f64, out: &mut Vec<Effect>) {
        let Some(choice) = self.choice else { return };
        out.push(Effect::Log(format!("worker: {incident:?}: {detail}")));
        let remedy = remedy(incident, choice.backend, self.restarts);
        let waiting = self.wanted.as_ref().is_some_and(|wanted| !wanted.job.background);
        let text = faults::incident(incident, remedy, choice.backend, waiting);
        let missed = self.frame.take().map(|_| Effect::Frame(Err(Missed::Failed(text.clone()))));
        match remedy {
            Remedy::Restart => {
                self.restarts += 1;
                out.push(Effect::Notice(text));
                self.open(choice, now, out);
            }
            Remedy::UseCpu => {
                self.restarts = 0;
                out.extend([Effect::Notice(text), Effect::Forget]);
                self.open(Choice { backend: Backend::Cpu, why: Why::GpuFailed }, now, out);
            }
            Remedy::GiveUp => {
                out.extend(self.session.take().map(|old| Effect::Close(old.id)));
                self.close_race(out);
                self.miss_question(out);
                self.restarts = 0;
                self.wanted = None;
                if waiting {
                    self.phase = Phase::Failed;
                }
                out.push(Effect::Fault { sentence: text, retry: true });
            }
        }
        out.extend(missed);
    }

    fn tick(&mut self, now: f64, out: &mut Vec<Effect>) {
        if self.race.as_mut().is_some_and(|race| race.is_silent(now)) {
            self.end_race(Why::GpuFailed, out);
        }
        let (Some(session), Some(choice)) = (&mut self.session, self.choice) else { return };
        let silent = session.is_silent(now, self.max_silence_ms);
        let stuck = session.is_stuck(now);
        if silent && (self.wanted.is_some() || self.frame.is_some() || self.asked.is_some()) {
            self.on_incident(Incident::Silent, "the watchdog's time is up", now, out);
        } else if stuck {
            self.open(choice, now, out);
        }
    }
}

#[cfg(test)]
mod tests;
