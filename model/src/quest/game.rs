//! The page's side of a game without the page: events in, effects out.

mod message;

pub use self::message::{Reply, Request, Sample, Verdict};
use super::{
    board::Baseline,
    record::{Decision, Game, Outcome, Player, Step},
    statistics::Statistics,
    tree::{GameError, Tree},
};

/// What happens to a game.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A new game on a data set.
    New {
        /// The data set's seed.
        seed: u32,
        /// The game's id, which no other has.
        id: String,
        /// Who plays.
        player: Player,
    },
    /// A game that was kept goes on.
    Kept(Box<Game>),
    /// The player decides.
    Decide {
        /// What.
        decision: Decision,
        /// Milliseconds since 1970.
        now: f64,
    },
    /// The player gives up the epoch under way.
    GiveUp,
    /// The worker answers.
    Reply {
        /// What.
        reply: Box<Reply>,
        /// Milliseconds since 1970.
        now: f64,
    },
    /// The worker ended, and another one took its place.
    Restarted,
}

/// What the page does then.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Sends to the worker.
    Send(Request),
    /// Keeps the game.
    Keep,
    /// Says a sentence.
    Say(String),
}

/// Where a game stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// There is none.
    #[default]
    None,
    /// The data set is being made.
    Opening,
    /// The steps are being played again.
    Resuming,
    /// It is the player's turn.
    Deciding,
    /// A decision is on its way; an epoch is trained.
    Working,
    /// It is over.
    Over,
    /// The worker cannot go on.
    Failed,
}

/// A game with what is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    /// Where it stands.
    pub stage: Stage,
    /// The game; none before its data set is there.
    pub game: Option<Game>,
    /// Examples of each class.
    pub samples: Vec<Vec<Sample>>,
    /// The names of the classes; none where they have only numbers.
    pub names: Vec<String>,
    /// Multiply-adds of training a second.
    pub speed: f64,
    /// The decision that is on its way.
    pub pending: Option<Decision>,
    /// The share that is done of what is under way.
    pub share: f32,
    /// Loss and accuracy of the epoch under way.
    pub course: Vec<[f32; 2]>,
    /// What simple methods reach.
    pub baselines: Vec<Baseline>,
    /// A game that waits for its data set: its seed, id and player, and its steps if it was kept.
    waiting: Option<Waiting>,
}

#[derive(Clone, Debug, PartialEq)]
struct Waiting {
    seed: u32,
    id: String,
    player: Player,
    kept: Option<Box<Game>>,
}

impl Machine {
    /// The checkpoints; none before the data set is there.
    #[must_use]
    pub fn tree(&self) -> Option<Tree> {
        self.game.as_ref().and_then(|game| Tree::of(game).ok())
    }

    /// The seed of the data set that is there or on its way.
    #[must_use]
    pub fn seed(&self) -> Option<u32> {
        self.game.as_ref().map(|game| game.seed).or_else(|| self.waiting.as_ref().map(|waiting| waiting.seed))
    }

    /// Takes an event.
    pub fn take(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::New { seed, id, player } => self.open(Waiting { seed, id, player, kept: None }),
            Event::Kept(game) => {
                let (seed, id, player) = (game.seed, game.id.clone(), game.player.clone());
                self.open(Waiting { seed, id, player, kept: Some(game) })
            }
            Event::Decide { decision, .. } => self.decide(decision),
            Event::GiveUp if self.stage == Stage::Working => vec![Effect::Send(Request::GiveUp)],
            Event::GiveUp => vec![],
            Event::Reply { reply, now } => self.hear(*reply, now),
            Event::Restarted => self.restart(),
        }
    }

    fn open(&mut self, waiting: Waiting) -> Vec<Effect> {
        let seed = waiting.seed;
        *self = Self { stage: Stage::Opening, waiting: Some(waiting), ..Self::default() };
        vec![Effect::Send(Request::Open { seed })]
    }

    /// The new worker knows nothing: the data set is made again and the steps are played again.
    fn restart(&mut self) -> Vec<Effect> {
        let baselines = std::mem::take(&mut self.baselines);
        let waiting = self.game.take().map(|game| Waiting {
            seed: game.seed,
            id: game.id.clone(),
            player: game.player.clone(),
            kept: Some(Box::new(game)),
        });
        let Some(waiting) = waiting.or_else(|| self.waiting.take()) else { return vec![] };
        let effects = self.open(waiting);
        self.baselines = baselines;
        effects
    }

    fn decide(&mut self, decision: Decision) -> Vec<Effect> {
        if self.stage != Stage::Deciding {
            return vec![];
        }
        match self.tree().ok_or(GameError::NotStarted).and_then(|tree| tree.allows(&decision)) {
            Ok(_) => {
                self.stage = Stage::Working;
                self.pending = Some(decision);
                self.share = 0.0;
                self.course.clear();
                vec![Effect::Send(Request::Decide { decision })]
            }
            Err(error) => vec![Effect::Say(sentence(&error.to_string()))],
        }
    }

    fn hear(&mut self, reply: Reply, now: f64) -> Vec<Effect> {
        match reply {
            Reply::Opened { seed, statistics, samples, names, speed } => {
                let Some(waiting) = self.waiting.take_if(|it| it.seed == seed) else { return vec![] };
                self.samples = samples;
                self.names = names;
                self.speed = speed;
                self.begin(waiting, statistics, now)
            }
            Reply::NoData { seed, why } if self.waiting.as_ref().is_some_and(|it| it.seed == seed) => {
                *self = Self::default();
                vec![Effect::Say(sentence(&why))]
            }
            Reply::Progress { share, course } if matches!(self.stage, Stage::Working | Stage::Resuming) => {
                self.share = share;
                self.course = course;
                vec![]
            }
            Reply::Done { outcome } if self.stage == Stage::Working => self.done(outcome, now),
            Reply::Refused { why } if self.stage == Stage::Working => {
                self.rest();
                vec![Effect::Say(sentence(&why))]
            }
            Reply::GivenUp if self.stage == Stage::Working => {
                self.rest();
                vec![]
            }
            Reply::Resumed { steps } if self.stage == Stage::Resuming => self.resumed(steps),
            Reply::Baseline { seed, baseline, .. } if self.seed() == Some(seed) => {
                self.baselines.retain(|known| known.method != baseline.method);
                self.baselines.push(baseline);
                vec![]
            }
            Reply::Failed { detail } => {
                self.stage = Stage::Failed;
                vec![Effect::Say(sentence(&detail))]
            }
            _ => vec![],
        }
    }

    fn begin(&mut self, waiting: Waiting, statistics: Statistics, now: f64) -> Vec<Effect> {
        let Waiting { seed, id, player, kept } = waiting;
        let new = Game { id, seed, statistics, started: now, player, steps: vec![] };
        let Some(kept) = kept.filter(|kept| kept.statistics == statistics) else {
            self.game = Some(new);
            self.stage = Stage::Deciding;
            return vec![];
        };
        let request = Request::Resume { game: kept.clone() };
        let is_over = kept.score().is_some();
        self.game = Some(*kept);
        if is_over {
            self.stage = Stage::Over;
            return vec![Effect::Send(Request::Baselines)];
        }
        self.stage = Stage::Resuming;
        vec![Effect::Send(request)]
    }

    fn resumed(&mut self, steps: usize) -> Vec<Effect> {
        self.rest();
        let Some(game) = &mut self.game else { return vec![] };
        if steps == game.steps.len() {
            return vec![];
        }
        // An older version of the page may have computed in another way.
        game.steps.truncate(steps);
        let text = format!("This version of the page computes other numbers: the game goes on after step {steps}.");
        vec![Effect::Keep, Effect::Say(text)]
    }

    fn done(&mut self, outcome: Outcome, now: f64) -> Vec<Effect> {
        let (Some(game), Some(decision)) = (&mut self.game, self.pending) else { return vec![] };
        game.steps.push(Step { at: (now - game.started).max(0.0), decision, outcome });
        self.rest();
        if decision != Decision::Stop {
            return vec![Effect::Keep];
        }
        self.stage = Stage::Over;
        vec![Effect::Keep, Effect::Send(Request::Baselines)]
    }

    fn rest(&mut self) {
        self.stage = Stage::Deciding;
        self.pending = None;
        self.course.clear();
        self.share = 0.0;
    }
}

/// An error as a sentence.
fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first: String = letters.next().map(|it| it.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::{settings::Settings, tree::tests::game};

    fn reply(machine: &mut Machine, reply: Reply) -> Vec<Effect> {
        machine.take(Event::Reply { reply: Box::new(reply), now: 2000.0 })
    }

    fn opened() -> Reply {
        Reply::Opened { seed: 7, statistics: game().statistics, samples: vec![], names: vec![], speed: 1e9 }
    }

    fn started() -> Machine {
        let mut machine = Machine::default();
        machine.take(Event::New { seed: 7, id: "a".into(), player: Player::default() });
        reply(&mut machine, opened());
        machine
    }

    /// Takes the decisions of a game, with the outcomes that it had.
    fn play(machine: &mut Machine, steps: &[Step]) -> Vec<Effect> {
        let mut last = vec![];
        for Step { decision, outcome, .. } in steps {
            let sent = machine.take(Event::Decide { decision: *decision, now: 1.0 });
            assert_eq!(sent, [Effect::Send(Request::Decide { decision: *decision })]);
            last = reply(machine, Reply::Done { outcome: outcome.clone() });
        }
        last
    }

    #[test]
    fn a_game_is_kept_after_each_step_and_ends_with_the_baselines() {
        let mut machine = started();
        let steps = game().steps;
        assert_eq!(play(&mut machine, &steps[..2]), [Effect::Keep]);
        assert_eq!(machine.stage, Stage::Deciding);
        assert_eq!(play(&mut machine, &steps[2..]), [Effect::Keep, Effect::Send(Request::Baselines)]);
        assert_eq!(machine.stage, Stage::Over);
        let played = machine.game.expect("there is a game");
        assert_eq!(played.score(), Some(0.6));
        assert!(played.check().is_ok());
    }

    #[test]
    fn a_kept_game_goes_on_where_it_stood() {
        let mut kept = game();
        kept.steps.pop();
        let mut machine = Machine::default();
        machine.take(Event::Kept(Box::new(kept.clone())));
        let sent = reply(&mut machine, opened());
        assert_eq!(sent, [Effect::Send(Request::Resume { game: Box::new(kept.clone()) })]);
        assert_eq!(machine.take(Event::Decide { decision: Decision::Stop, now: 1.0 }), [], "not yet");
        assert_eq!(reply(&mut machine, Reply::Resumed { steps: kept.steps.len() }), []);
        assert_eq!((machine.stage, machine.game), (Stage::Deciding, Some(kept)));
    }

    #[test]
    fn what_computes_otherwise_now_is_cut_off() {
        let mut kept = game();
        kept.steps.pop();
        let mut machine = Machine::default();
        machine.take(Event::Kept(Box::new(kept)));
        reply(&mut machine, opened());
        let effects = reply(&mut machine, Reply::Resumed { steps: 2 });
        assert!(matches!(&effects[..], [Effect::Keep, Effect::Say(_)]));
        assert_eq!(machine.game.map(|game| game.steps.len()), Some(2));
    }

    #[test]
    fn an_epoch_that_is_given_up_leaves_no_step() {
        let mut machine = started();
        play(&mut machine, &game().steps[..1]);
        let train = Decision::Train { settings: Settings::default() };
        machine.take(Event::Decide { decision: train, now: 1.0 });
        reply(&mut machine, Reply::Progress { share: 0.4, course: vec![[1.0, 0.2]] });
        assert!((machine.share - 0.4).abs() < f32::EPSILON);
        assert_eq!(machine.take(Event::GiveUp), [Effect::Send(Request::GiveUp)]);
        reply(&mut machine, Reply::GivenUp);
        assert_eq!(reply(&mut machine, Reply::Done { outcome: Outcome::Reverted }), [], "too late");
        assert_eq!((machine.stage, machine.game.map(|it| it.steps.len())), (Stage::Deciding, Some(1)));
    }

    #[test]
    fn what_is_not_possible_is_said() {
        let mut machine = started();
        let effects = machine.take(Event::Decide { decision: Decision::Stop, now: 1.0 });
        assert_eq!(effects, [Effect::Say("The network is chosen first.".into())]);
    }

    #[test]
    fn a_new_worker_plays_the_steps_again() {
        let mut machine = started();
        play(&mut machine, &game().steps[..2]);
        let train = Decision::Train { settings: Settings::default() };
        machine.take(Event::Decide { decision: train, now: 1.0 });
        assert_eq!(machine.take(Event::Restarted), [Effect::Send(Request::Open { seed: 7 })]);
        let sent = reply(&mut machine, opened());
        assert!(matches!(&sent[..], [Effect::Send(Request::Resume { game })] if game.steps.len() == 2));
    }

    #[test]
    fn a_photo_that_is_elsewhere_leads_back_to_the_start() {
        let mut machine = Machine::default();
        machine.take(Event::New { seed: 1 << 31, id: "a".into(), player: Player::default() });
        let why = "the photo is elsewhere".to_owned();
        assert_eq!(reply(&mut machine, Reply::NoData { seed: 4, why: why.clone() }), [], "another one");
        let effects = reply(&mut machine, Reply::NoData { seed: 1 << 31, why });
        assert_eq!(effects, [Effect::Say("The photo is elsewhere.".into())]);
        assert_eq!(machine, Machine::default());
    }

    #[test]
    fn an_answer_about_another_data_set_is_not_heard() {
        let mut machine = Machine::default();
        machine.take(Event::New { seed: 8, id: "a".into(), player: Player::default() });
        assert_eq!(reply(&mut machine, opened()), []);
        assert_eq!(machine.stage, Stage::Opening);
    }
}
