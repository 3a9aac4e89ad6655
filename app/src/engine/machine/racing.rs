//! The backends' race, as far as it moves workers.

use lookout_protocol::{Backend, Reply, Request};

use super::Engine;
use crate::engine::{
    backend_choice::{Choice, Why},
    backend_race::{Race, Turn},
    event::Effect,
    session::Session,
};

impl Engine {
    /// Starts the GPU's worker beside the CPU's; after a restart of the CPU's worker the race goes on.
    pub(super) fn race_on(&mut self, now: f64, out: &mut Vec<Effect>) {
        match (&self.race, &self.session) {
            (Some(race), Some(session)) if race.awaits_cpu() => out.push(session.request(Request::TimeNetwork)),
            (Some(_), _) => {}
            (None, _) => {
                let session = self.take_session(Backend::Gpu, now);
                out.extend([Effect::Open(session.id, Backend::Gpu), session.request(Request::TimeNetwork)]);
                self.race = Some(Race::new(session));
            }
        }
    }

    /// Starts the GPU's worker again, beside the same one of the CPU's.
    pub(super) fn race_again(&mut self, now: f64, out: &mut Vec<Effect>) {
        self.close_race(out);
        self.race_on(now, out);
    }

    pub(super) fn take_turn(&mut self, turn: Turn, reply: &Reply, out: &mut Vec<Effect>) {
        match turn {
            Turn::Wait => {}
            Turn::TimeCpu => out.extend(self.session.as_ref().map(|session| session.request(Request::TimeNetwork))),
            Turn::Lost { for_good } => {
                out.push(Effect::Log(format!("the GPU in the race: {reply:?}")));
                if for_good {
                    out.push(Effect::Remember(Backend::Cpu));
                }
                self.end_race(Why::GpuFailed, out);
            }
        }
    }

    /// Takes the CPU's time: one of the two has won.
    pub(super) fn end_timing(&mut self, ms: f64, out: &mut Vec<Effect>) {
        let Some(race) = &mut self.race else { return };
        race.note_cpu(ms);
        let (Some(winner), Some((gpu, cpu))) = (race.winner(), race.times()) else { return };
        out.push(Effect::Remember(winner));
        out.push(Effect::Log(format!("timed: GPU {gpu:.1} ms, CPU {cpu:.1} ms")));
        if winner == Backend::Cpu {
            self.end_race(Why::Faster, out);
        }
    }

    /// Makes the GPU's worker the worker, if it has won and the CPU's is idle.
    pub(super) fn hand_over(&mut self, now: f64, out: &mut Vec<Effect>) {
        let idle = self.wanted.is_none() && self.session.as_ref().is_some_and(Session::is_idle);
        let won = |race: &mut Race| race.winner() == Some(Backend::Gpu);
        if let Some(race) = self.race.take_if(|race| idle && won(race)) {
            self.use_gpu(race, now, out);
        }
    }

    /// Makes the GPU's worker the worker.
    pub(super) fn use_gpu(&mut self, race: Race, now: f64, out: &mut Vec<Effect>) {
        out.extend(self.session.take().map(|old| Effect::Close(old.id)));
        self.session = Some(race.session.warmed(now));
        self.choice = Some(Choice { backend: Backend::Gpu, why: Why::Faster });
        self.miss_frame(out);
        self.miss_question(out);
    }

    pub(super) fn close_race(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.race.take().map(|race| Effect::Close(race.session.id)));
    }

    /// Ends the GPU's worker; the CPU stays.
    pub(super) fn end_race(&mut self, why: Why, out: &mut Vec<Effect>) {
        self.close_race(out);
        self.choice = Some(Choice { backend: Backend::Cpu, why });
    }
}
