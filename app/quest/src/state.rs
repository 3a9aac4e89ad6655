//! What the page knows, and what happens when something happens.

use std::collections::BTreeMap;

use leptos::{prelude::*, task::spawn_local};
use lookout_look::{
    handed_photo::handed_over,
    storage::{keep, stored},
};
use model::quest::{
    architecture::Architecture,
    board::{Baseline, duplicates, merge},
    game::{Effect, Event, Machine, Reply, Request, Stage, Verdict},
    photo::{LabelledPhoto, is_of_photo},
    record::{Decision, File, Game, Player},
    settings::Settings,
    statistics::Statistics,
    tree::{Node, Tree, epoch_of},
};

use crate::{
    address::Address,
    engine::Engine,
    numbers,
    store::{IMPORTED, OWN, Store},
};

/// The key of the player in `localStorage`.
const PLAYER: &str = "lookout-quest-player";
/// Workers that are started one after the other before the page gives up.
const MAX_RESTARTS: u32 = 2;

/// What is known about whether a game's numbers are true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checking {
    /// Steps that were played again, and how many there are.
    Under(usize, usize),
    /// What was found.
    Done(Verdict),
}

/// The page's state.
#[derive(Clone, Copy)]
pub struct State {
    /// The game.
    pub machine: RwSignal<Machine>,
    /// Games that were played here, oldest first.
    pub own: RwSignal<Vec<Game>>,
    /// Games of files.
    pub imported: RwSignal<Vec<Game>>,
    /// Who plays.
    pub player: RwSignal<Player>,
    /// A sentence for the player.
    pub notice: RwSignal<Option<String>>,
    /// What is known about games that were played again, by id.
    pub checks: RwSignal<BTreeMap<String, Checking>>,
    /// Decisions that a replay has come to; `None` while all are on show.
    pub replay: RwSignal<Option<usize>>,
    /// Whether what was kept has been read.
    pub is_read: RwSignal<bool>,
    /// What the address asks for.
    pub address: StoredValue<Address>,
    engine: StoredValue<Option<Engine>, LocalStorage>,
    store: StoredValue<Option<Store>, LocalStorage>,
    restarts: StoredValue<u32>,
    /// The settings of an epoch that follows the decision that is on its way.
    next: StoredValue<Option<Settings>>,
}

/// The state of this page.
pub fn use_state() -> State {
    expect_context()
}

impl State {
    /// Makes the state, and begins to read what was kept.
    pub fn provide(address: Address) -> Self {
        let mut player: Player = stored(PLAYER).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if !address.course.is_empty() {
            player.course = address.course.clone();
        }
        player.shorten();
        let state = Self {
            machine: RwSignal::default(),
            own: RwSignal::default(),
            imported: RwSignal::default(),
            player: RwSignal::new(player),
            notice: RwSignal::default(),
            checks: RwSignal::default(),
            replay: RwSignal::default(),
            is_read: RwSignal::new(false),
            address: StoredValue::new(address),
            engine: StoredValue::new_local(None),
            store: StoredValue::new_local(None),
            restarts: StoredValue::new(0),
            next: StoredValue::new(None),
        };
        provide_context(state);
        spawn_local(state.read());
        state
    }

    /// Where the game stands.
    pub fn stage(self) -> Stage {
        self.machine.with(|machine| machine.stage)
    }

    /// The checkpoints of the game.
    pub fn tree(self) -> Option<Tree> {
        self.machine.with(Machine::tree)
    }

    /// Begins a game on a data set.
    pub fn play(self, seed: u32) {
        self.address.with_value(|address| address.show_seed(seed));
        self.take(Event::New { seed, id: new_id(), player: self.player.get_untracked() });
    }

    /// Goes on with a game that was kept.
    pub fn go_on(self, game: Game) {
        self.address.with_value(|address| address.show_seed(game.seed));
        self.take(Event::Kept(Box::new(game)));
    }

    /// Takes a decision.
    pub fn decide(self, decision: Decision) {
        self.notice.set(None);
        self.take(Event::Decide { decision, now: js_sys::Date::now() });
    }

    /// Trains an epoch as soon as the decision that is on its way is done.
    pub fn decide_next(self, settings: Settings) {
        self.next.set_value(Some(settings));
    }

    /// How long an epoch of a network will take: as the epochs of this game did, or as a batch did when it began.
    pub fn seconds_an_epoch(self, network: &Architecture, statistics: &Statistics) -> Option<f64> {
        // Each epoch measures as many training examples as there are validation examples, forward only.
        let examples = statistics.training as f64 + 2.0 * statistics.validation as f64 / 3.0;
        self.machine.with(|machine| {
            // The quickest epoch: a laptop may have slept through another one.
            let measured = machine.game.as_ref().and_then(|game| {
                let tree = Tree::of(game).ok()?;
                let pace = |node: &Node| {
                    let (_, epoch) = epoch_of(game, node).filter(|(_, it)| !it.exploded)?;
                    Some(f64::from(epoch.seconds) / node.architecture.training_cost())
                };
                tree.nodes.iter().filter_map(pace).min_by(f64::total_cmp).map(|pace| pace * network.training_cost())
            });
            let expected = network.training_cost() * examples / machine.speed;
            measured.or_else(|| expected.is_finite().then_some(expected))
        })
    }

    /// Takes an event.
    pub fn take(self, event: Event) {
        let effects = self.machine.try_update(|machine| machine.take(event)).unwrap_or_default();
        for effect in effects {
            match effect {
                Effect::Send(Request::Baselines) => self.ask_baselines(),
                Effect::Send(request) => self.send(&request),
                Effect::Keep => self.keep(),
                Effect::Say(sentence) => self.notice.set(Some(sentence)),
            }
        }
    }

    /// Goes to the start; the game is kept.
    pub fn leave(self) {
        self.machine.set(Machine::default());
        self.engine.update_value(|engine| *engine = None);
    }

    /// Keeps who plays for later visits.
    pub fn keep_player(self) {
        let text = self.player.with_untracked(|player| serde_json::to_string(player).unwrap_or_default());
        keep(PLAYER, Some(&text));
    }

    /// Plays a recorded game again, to see whether its numbers are true.
    pub fn check(self, game: Game) {
        self.checks.update(|checks| {
            checks.insert(game.id.clone(), Checking::Under(0, game.steps.len()));
        });
        self.send(&Request::Check { game: Box::new(game) });
    }

    /// Takes the games of a file. Returns what to say.
    pub fn import(self, text: &str) -> String {
        let file = match File::read(text) {
            Ok(file) => file,
            Err(error) => return format!("{}.", capitalized(&error.to_string())),
        };
        let new = file.games;
        let merged = self.imported.try_update(|games| merge(games, new.clone())).unwrap_or_default();
        if let Some(store) = self.store.get_value() {
            spawn_local(async move {
                for game in new {
                    let id = new_id();
                    if let Err(error) = store.keep(IMPORTED, game, &id).await {
                        leptos::logging::warn!("an imported game is not kept: {error:?}");
                    }
                }
            });
        }
        let copies = self.imported.with_untracked(|games| duplicates(games).len());
        let mut words = vec![format!("{} added", numbers::counted(merged.added + merged.longer, "game"))];
        if merged.same > 0 {
            words.push(format!("{} known already", merged.same));
        }
        if merged.conflicting > 0 {
            words.push(format!("{} left out: another game has the same number", merged.conflicting));
        }
        if copies > 0 {
            words.push(format!("{} the same as another player's", numbers::counted(copies, "game")));
        }
        words.join(", ") + "."
    }

    /// Removes the imported games.
    pub fn forget_imported(self) {
        self.imported.set(vec![]);
        if let Some(store) = self.store.get_value() {
            spawn_local(async move {
                if let Err(error) = store.forget_imported().await {
                    leptos::logging::warn!("imported games stay: {error:?}");
                }
            });
        }
    }

    /// Sends a request; the worker gets the photo first that the data set is cut from.
    fn send(self, request: &Request) {
        let seed = match request {
            Request::Open { seed } => Some(*seed),
            Request::Check { game } => Some(game.seed),
            _ => None,
        };
        let bytes = seed.filter(|seed| is_of_photo(*seed)).and_then(handed_over);
        if let Some(photo) = bytes.and_then(|it| LabelledPhoto::from_bytes(&it).ok()) {
            self.send_to_worker(&Request::Photo { photo });
        }
        self.send_to_worker(request);
    }

    fn send_to_worker(self, request: &Request) {
        if self.engine.with_value(Option::is_none) {
            match Engine::start(move |reply| self.hear(reply)) {
                Ok(engine) => self.engine.set_value(Some(engine)),
                Err(error) => {
                    leptos::logging::error!("no worker: {error:?}");
                    self.notice.set(Some(
                        "This browser starts no worker: use a current Firefox, Chrome, Edge or Safari.".into(),
                    ));
                    return;
                }
            }
        }
        self.engine.with_value(|engine| engine.as_ref().inspect(|engine| engine.send(request)).map(|_| ()));
    }

    fn hear(self, reply: Reply) {
        match reply {
            Reply::Failed { detail } => {
                leptos::logging::error!("the worker ended: {detail}");
                // In a task of its own: this is called from the worker that ends.
                spawn_local(async move { self.restart() });
            }
            Reply::Checking { game, steps, of } => self.checks.update(|checks| {
                checks.insert(game, Checking::Under(steps, of));
            }),
            Reply::Checked { game, verdict } => self.checks.update(|checks| {
                checks.insert(game, Checking::Done(verdict));
            }),
            reply => {
                let is_last = matches!(reply, Reply::Baseline { is_last: true, .. });
                self.take(Event::Reply { reply: Box::new(reply), now: js_sys::Date::now() });
                if self.machine.with_untracked(|machine| machine.stage) == Stage::Deciding
                    && let Some(settings) = self.next.try_update_value(Option::take).flatten()
                {
                    self.decide(Decision::Train { settings });
                }
                if is_last {
                    self.keep_baselines();
                }
            }
        }
    }

    /// Starts another worker, which plays the steps of the game again.
    fn restart(self) {
        self.engine.update_value(|engine| *engine = None);
        self.checks.update(|checks| checks.retain(|_, it| matches!(it, Checking::Done(_))));
        self.restarts.update_value(|count| *count += 1);
        if self.restarts.get_value() > MAX_RESTARTS {
            let detail = "training ended unexpectedly: reload the page, and the game goes on".to_owned();
            self.take(Event::Reply { reply: Box::new(Reply::Failed { detail }), now: js_sys::Date::now() });
        } else {
            self.take(Event::Restarted);
        }
    }

    async fn read(self) {
        match Store::open().await {
            Ok(store) => {
                self.own.set(store.games(OWN).await.unwrap_or_default());
                self.imported.set(store.games(IMPORTED).await.unwrap_or_default());
                self.store.set_value(Some(store));
            }
            Err(error) => {
                leptos::logging::warn!("no storage: {error:?}");
                self.notice.set(Some(
                    "This browser keeps nothing for this page: save your games as a file before you close it.".into(),
                ));
            }
        }
        self.is_read.set(true);
    }

    /// Keeps the game: in the list at once, in the database as soon as it can.
    fn keep(self) {
        let Some(game) = self.machine.with_untracked(|machine| machine.game.clone()) else { return };
        self.own.update(|own| match own.iter_mut().find(|known| known.id == game.id) {
            Some(known) => *known = game.clone(),
            None => own.push(game.clone()),
        });
        let Some(store) = self.store.get_value() else { return };
        spawn_local(async move {
            let (id, new_id) = (game.id.clone(), new_id());
            match store.keep(OWN, game, &new_id).await {
                Ok(kept) if kept != id => self.rename(&id, &kept),
                Ok(_) => {}
                Err(error) => {
                    leptos::logging::warn!("the game is not kept: {error:?}");
                    let text =
                        "The browser has no room to keep this game: save it as a file before you close the page.";
                    self.notice.set(Some(text.into()));
                }
            }
        });
    }

    /// The game has another id now: another tab went on with it.
    fn rename(self, from: &str, to: &str) {
        let rename = |game: &mut Game| {
            if game.id == from {
                to.clone_into(&mut game.id);
            }
        };
        self.machine.update(|machine| machine.game.iter_mut().for_each(rename));
        self.own.update(|own| own.iter_mut().for_each(rename));
        self.notice.set(Some("Another tab went on with this game: it is kept there and here as two games.".into()));
    }

    fn ask_baselines(self) {
        let Some(seed) = self.machine.with_untracked(Machine::seed) else { return };
        let store = self.store.get_value();
        spawn_local(async move {
            let known: Vec<Baseline> = match store {
                Some(store) => store.baselines(seed).await.unwrap_or_default(),
                None => vec![],
            };
            if known.is_empty() {
                self.send(&Request::Baselines);
                return;
            }
            let count = known.len();
            for (place, baseline) in known.into_iter().enumerate() {
                let reply = Reply::Baseline { seed, baseline, is_last: place + 1 == count };
                self.take(Event::Reply { reply: Box::new(reply), now: js_sys::Date::now() });
            }
        });
    }

    fn keep_baselines(self) {
        let Some(store) = self.store.get_value() else { return };
        let Some((seed, baselines)) =
            self.machine.with_untracked(|machine| machine.seed().map(|seed| (seed, machine.baselines.clone())))
        else {
            return;
        };
        spawn_local(async move {
            if let Err(error) = store.keep_baselines(seed, &baselines).await {
                leptos::logging::warn!("the baselines are not kept: {error:?}");
            }
        });
    }
}

/// A number that no other game has.
fn new_id() -> String {
    let random = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("{:08x}{:08x}", random(), random())
}

/// A seed that people can type.
pub fn random_seed() -> u32 {
    1 + (js_sys::Math::random() * 9999.0) as u32
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
