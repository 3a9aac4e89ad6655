//! The worker's side of a game without the worker: requests in, replies out, work in short slices.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use super::{
    architecture::Architecture,
    baselines::Baselines,
    board::Method,
    data::DataSet,
    draws::{Purpose, stream},
    game::{Reply, Request, Sample, Verdict},
    network::Network,
    photo::{LabelledPhoto, PhotoError, is_of_photo},
    player::{Next, Player},
    record::{Decision, Game},
    replay::Replay,
    settings::Settings,
    training::gradients,
};

/// Examples of each class that the page shows.
const SAMPLES: usize = 10;
/// Seconds between two reports of an epoch.
const REPORT: f64 = 0.1;

/// What the worker holds between messages.
#[derive(Default)]
pub struct Host {
    table: Option<Table>,
    checks: VecDeque<Check>,
    /// Photos that data sets are cut from, by their numbers.
    photos: BTreeMap<u32, LabelledPhoto>,
}

/// The data set that is played on.
struct Table {
    seed: u32,
    data: Rc<DataSet>,
    player: Player,
    /// Steps of a kept game that are being played again.
    resuming: Option<Replay>,
    /// When the epoch under way began, and when it was last reported, in seconds.
    epoch: Option<[f64; 2]>,
    baselines: Option<Baselines>,
}

/// A recorded game that is being played again.
struct Check {
    id: String,
    replay: Replay,
    reported: usize,
}

impl Host {
    /// Takes a request.
    ///
    /// # Arguments
    /// * `clock` - seconds since any moment.
    pub fn take(&mut self, request: Request, clock: &dyn Fn() -> f64) -> Vec<Reply> {
        match request {
            Request::Photo { photo } => {
                self.photos.insert(photo.seed(), photo);
                vec![]
            }
            Request::Open { seed } => {
                vec![self.open(seed, clock).unwrap_or_else(|error| Reply::NoData { seed, why: error.to_string() })]
            }
            Request::Check { game } => self.check(*game).into_iter().collect(),
            Request::Resume { game } => {
                if let Some(table) = self.table.as_mut().filter(|table| table.seed == game.seed) {
                    table.resuming = Some(Replay::new(*game, Rc::clone(&table.data)));
                }
                vec![]
            }
            Request::Decide { decision } => {
                self.table.as_mut().and_then(|table| table.decide(decision, clock)).into_iter().collect()
            }
            Request::GiveUp => {
                if let Some(table) = &mut self.table {
                    table.player.give_up();
                    table.epoch = None;
                }
                vec![Reply::GivenUp]
            }
            Request::Baselines => {
                if let Some(table) = &mut self.table {
                    table.baselines = Some(Baselines::new(table.seed, Rc::clone(&table.data)));
                }
                vec![]
            }
        }
    }

    /// Whether there is anything to do.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.checks.is_empty() || self.table.as_ref().is_some_and(Table::is_busy)
    }

    /// Works for about this many seconds. What the player waits for comes first, then the baselines, then checks.
    ///
    /// # Arguments
    /// * `clock` - seconds since any moment.
    pub fn work(&mut self, seconds: f64, clock: &dyn Fn() -> f64) -> Vec<Reply> {
        let (end, mut replies) = (clock() + seconds, vec![]);
        while clock() < end && self.is_busy() {
            match self.table.as_mut().filter(|table| table.is_busy()) {
                Some(table) => table.work(clock, &mut replies),
                None => self.work_on_check(&mut replies),
            }
        }
        replies
    }

    fn open(&mut self, seed: u32, clock: &dyn Fn() -> f64) -> Result<Reply, PhotoError> {
        let data = self.data(seed)?;
        let statistics = data.statistics;
        let samples = (0..statistics.classes).map(|class| samples(&data, class)).collect();
        let speed = speed(&data, clock);
        let names = data.names.iter().map(|it| (*it).to_owned()).collect();
        let player = Player::new(seed, Rc::clone(&data));
        self.table = Some(Table { seed, data, player, resuming: None, epoch: None, baselines: None });
        Ok(Reply::Opened { seed, statistics, samples, names, speed })
    }

    fn data(&self, seed: u32) -> Result<Rc<DataSet>, PhotoError> {
        if let Some(table) = self.table.as_ref().filter(|table| table.seed == seed) {
            return Ok(Rc::clone(&table.data));
        }
        let data = if is_of_photo(seed) {
            DataSet::of_photo(self.photos.get(&seed).ok_or(PhotoError::Elsewhere)?)?
        } else {
            DataSet::of_seed(seed)
        };
        Ok(Rc::new(data))
    }

    /// Puts a game among those that are played again; the verdict where that is not possible.
    fn check(&mut self, game: Game) -> Option<Reply> {
        let id = game.id.clone();
        let Ok(data) = self.data(game.seed) else {
            return Some(Reply::Checked { game: id, verdict: Verdict::NoPhoto });
        };
        self.checks.push_back(Check { id, replay: Replay::new(game, data), reported: 0 });
        None
    }

    fn work_on_check(&mut self, replies: &mut Vec<Reply>) {
        let Some(check) = self.checks.front_mut() else { return };
        let verdict = check.replay.advance().unwrap_or(Some(Verdict::Rules));
        let (steps, of) = check.replay.progress();
        if steps > check.reported {
            check.reported = steps;
            replies.push(Reply::Checking { game: check.id.clone(), steps, of });
        }
        if let Some(verdict) = verdict {
            replies.push(Reply::Checked { game: check.id.clone(), verdict });
            self.checks.pop_front();
        }
    }
}

impl Table {
    fn is_busy(&self) -> bool {
        self.resuming.is_some() || self.epoch.is_some() || self.baselines.is_some()
    }

    fn decide(&mut self, decision: Decision, clock: &dyn Fn() -> f64) -> Option<Reply> {
        self.epoch = None;
        match self.player.decide(decision) {
            Ok(Next::Done(outcome)) => Some(Reply::Done { outcome }),
            Ok(Next::Training) => {
                self.epoch = Some([clock(), clock()]);
                None
            }
            Err(error) => Some(Reply::Refused { why: error.to_string() }),
        }
    }

    fn work(&mut self, clock: &dyn Fn() -> f64, replies: &mut Vec<Reply>) {
        if let Some(replay) = self.resuming.take() {
            self.resume(replay, replies);
        } else if let Some([began, reported]) = self.epoch {
            self.train(began, reported, clock(), replies);
        } else if let Some(mut baselines) = self.baselines.take() {
            let seed = self.seed;
            let mut report = |baseline: super::board::Baseline| {
                let is_last = baseline.method == Method::Search;
                replies.push(Reply::Baseline { seed, baseline, is_last });
            };
            if baselines.advance(&mut report) {
                self.baselines = Some(baselines);
            }
        }
    }

    fn train(&mut self, began: f64, reported: f64, now: f64, replies: &mut Vec<Reply>) {
        match self.player.advance((now - began) as f32) {
            Ok(None) => {
                if let Some((share, course)) = self.player.epoch().filter(|_| now - reported > REPORT) {
                    replies.push(Reply::Progress { share, course: course.to_vec() });
                    self.epoch = Some([began, now]);
                }
            }
            Ok(Some(outcome)) => {
                self.epoch = None;
                replies.push(Reply::Done { outcome });
            }
            Err(error) => {
                self.epoch = None;
                replies.push(Reply::Refused { why: error.to_string() });
            }
        }
    }

    /// Plays on until a step has other numbers than the recorded ones, or all were played.
    fn resume(&mut self, mut replay: Replay, replies: &mut Vec<Reply>) {
        let (before, of) = replay.progress();
        let verdict = replay.advance();
        let (steps, _) = replay.progress();
        match verdict {
            Ok(None) => {
                if steps > before {
                    replies.push(Reply::Progress { share: steps as f32 / of.max(1) as f32, course: vec![] });
                }
                self.resuming = Some(replay);
            }
            Ok(Some(Verdict::Same)) => {
                self.player = replay.into_player();
                replies.push(Reply::Resumed { steps });
            }
            // The step with other numbers is left out: it is played again without.
            Ok(Some(_)) | Err(_) => {
                let mut game = replay.into_game();
                game.steps.truncate(steps.saturating_sub(1));
                self.resuming = Some(Replay::new(game, Rc::clone(&self.data)));
            }
        }
    }
}

fn samples(data: &DataSet, class: usize) -> Vec<Sample> {
    let sample = |index: usize| match data.training.pixels(index) {
        Some(pixels) => Sample::Picture { pixels: pixels.to_vec() },
        None => Sample::Vector { values: data.training.batch(&[index as u32]) },
    };
    data.training.of_class(class, SAMPLES).into_iter().map(sample).collect()
}

/// Multiply-adds of training a second: the faster of two batches through the proposed network.
fn speed(data: &DataSet, clock: &dyn Fn() -> f64) -> f64 {
    let architecture = Architecture::proposed(data.statistics.input, data.statistics.classes);
    let mut random = stream(0, Purpose::FirstWeights, 0);
    let network = Network::drawn(&architecture, &mut random);
    let indices: Vec<u32> = (0..Settings::default().batch).collect();
    let mut time = || {
        let start = clock();
        gradients(&network, data.training.batch(&indices), &data.training.labels_of(&indices), 0.0, &mut random);
        clock() - start
    };
    let seconds = time().min(time()).max(1e-6);
    architecture.training_cost() * indices.len() as f64 / seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::{
        architecture::Growth,
        game::{Effect, Event, Machine, Stage},
        record::{File, Outcome, Player as Person},
    };

    /// Hands everything over between page and worker until both rest.
    fn settle(machine: &mut Machine, host: &mut Host, effects: Vec<Effect>) {
        let clock = || 0.0;
        let send = |host: &mut Host, effects: Vec<Effect>| {
            let requests = effects.into_iter().filter_map(|effect| match effect {
                Effect::Send(Request::Baselines) | Effect::Keep | Effect::Say(_) => None,
                Effect::Send(request) => Some(request),
            });
            requests.flat_map(|request| host.take(request, &clock)).collect::<Vec<_>>()
        };
        let mut replies = send(host, effects);
        while !replies.is_empty() || host.is_busy() {
            let mut next = vec![];
            for reply in replies {
                let effects = machine.take(Event::Reply { reply: Box::new(reply), now: 5.0 });
                next.extend(send(host, effects));
            }
            if next.is_empty() && host.is_busy() {
                // The clock stands still, so each call does one piece.
                let tick = std::cell::Cell::new(0.0);
                let ticking = || tick.replace(tick.get() + 1.0);
                next = host.work(1.5, &ticking);
            }
            replies = next;
        }
    }

    fn decide(machine: &mut Machine, host: &mut Host, decision: Decision) {
        let effects = machine.take(Event::Decide { decision, now: 5.0 });
        settle(machine, host, effects);
    }

    fn played() -> (Machine, Host) {
        let (mut machine, mut host) = (Machine::default(), Host::default());
        let effects = machine.take(Event::New { seed: 2, id: "g".into(), player: Person::default() });
        settle(&mut machine, &mut host, effects);
        let train = Decision::Train { settings: Settings::default() };
        let wider = Decision::Grow { growth: Growth::Wider { layer: 0, units: 4 } };
        for decision in
            [Decision::Start { layers: 1, width: 16 }, train, train, Decision::Revert { to: 1 }, wider, train]
        {
            decide(&mut machine, &mut host, decision);
        }
        (machine, host)
    }

    #[test]
    fn a_game_is_played_again_bit_for_bit() {
        let (machine, _) = played();
        let game = machine.game.expect("it was played");
        assert_eq!(game.steps.len(), 6);
        assert!(game.steps.iter().any(|step| matches!(&step.outcome, Outcome::Grown(it) if it.difference < 1e-5)));
        let again = played().0.game.expect("it was played");
        assert_eq!(File::of(vec![game.clone()]).write(), File::of(vec![again]).write());
        // A kept game goes on in a worker that knows nothing.
        let (mut machine, mut host) = (Machine::default(), Host::default());
        let effects = machine.take(Event::Kept(Box::new(game.clone())));
        settle(&mut machine, &mut host, effects);
        assert_eq!((machine.stage, machine.game.as_ref()), (Stage::Deciding, Some(&game)));
        decide(&mut machine, &mut host, Decision::Stop);
        assert!(machine.game.is_some_and(|game| game.score().is_some_and(|score| score > 0.5)));
    }

    #[test]
    fn a_changed_number_is_noticed() {
        let (machine, mut host) = played();
        let game = machine.game.expect("it was played");
        let mut changed = game.clone();
        changed.id = "changed".into();
        if let Outcome::Trained(epoch) = &mut changed.steps[2].outcome {
            epoch.validation_accuracy += 0.01;
        }
        let mut verdicts = vec![];
        let clock = || 0.0;
        for game in [game, changed] {
            host.take(Request::Check { game: Box::new(game) }, &clock);
        }
        while host.is_busy() {
            let tick = std::cell::Cell::new(0.0);
            let replies = host.work(1.5, &|| tick.replace(tick.get() + 1.0));
            verdicts.extend(replies.into_iter().filter_map(|reply| match reply {
                Reply::Checked { verdict, .. } => Some(verdict),
                _ => None,
            }));
        }
        assert_eq!(verdicts, [Verdict::Same, Verdict::Differs { step: 2 }]);
    }

    #[test]
    fn numbers_of_another_version_are_left_out() {
        let (machine, _) = played();
        let mut game = machine.game.expect("it was played");
        if let Outcome::Trained(epoch) = &mut game.steps[5].outcome {
            epoch.validation_accuracy += 0.01;
        }
        let (mut machine, mut host) = (Machine::default(), Host::default());
        let effects = machine.take(Event::Kept(Box::new(game)));
        settle(&mut machine, &mut host, effects);
        assert_eq!((machine.stage, machine.game.map(|it| it.steps.len())), (Stage::Deciding, Some(5)));
    }

    #[test]
    fn a_photo_is_played_where_it_is() {
        let photo = crate::quest::photo::tests::halves(120, 90);
        let (seed, clock) = (photo.seed(), || 0.0);
        let mut host = Host::default();
        assert!(matches!(&host.take(Request::Open { seed }, &clock)[..], [Reply::NoData { .. }]));
        let mut game = played().0.game.expect("it was played");
        game.seed = seed;
        let verdict = host.take(Request::Check { game: Box::new(game) }, &clock);
        assert!(matches!(&verdict[..], [Reply::Checked { verdict: Verdict::NoPhoto, .. }]));
        host.take(Request::Photo { photo }, &clock);
        match &host.take(Request::Open { seed }, &clock)[..] {
            [Reply::Opened { names, samples, .. }] => assert_eq!((names.len(), samples.len()), (2, 2)),
            other => panic!("{other:?}"),
        }
    }
}
