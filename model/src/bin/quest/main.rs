//! `quest`: plays the training game without a browser, with the same numbers.
//!
//! A plan is a JSON list of decisions as a game's file has them, e.g. `[{"do": "start", "layers": 2, "width": 64},
//! {"do": "train", "settings": {"rate": 0.01, "dropout": 0, "decay": 0, "batch": 32, "optimizer": {"kind": "sgd",
//! "momentum": 0.9}}}, {"do": "stop"}]`.

mod careful;
mod table;

use std::{fs, path::PathBuf, rc::Rc, time::Instant};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use model::quest::{
    baselines::Baselines,
    data::DataSet,
    game::Verdict,
    photo::is_of_photo,
    player::Player,
    record::{self, Decision, File, Game, Outcome, Step},
    replay::Replay,
};

#[derive(Parser)]
#[command(about = "Plays HyperQuest, the training game, without a browser")]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The data set's seed.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// A JSON list of decisions.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Where to write the game, as the page exports it.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Train the baselines, too.
    #[arg(long)]
    baselines: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Plays every game of a file again and says whether its numbers are true.
    Check {
        /// A file that the page exported.
        file: PathBuf,
    },
    /// What the baselines and a careful player reach on the data sets of some seeds.
    Table {
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        first: u32,
        /// The last seed.
        #[arg(long, default_value_t = 20)]
        last: u32,
    },
    /// What the baselines reach on data sets of each family.
    Families {
        /// Data sets of each family.
        #[arg(long, default_value_t = 3)]
        each: u32,
        /// Only these, by name.
        #[arg(long)]
        only: Vec<String>,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Check { file }) => check(&file),
        Some(Command::Table { first, last }) => table::seeds(first..=last),
        Some(Command::Families { each, only }) => table::families(each, &only),
        None => play(&arguments),
    }
}

fn play(arguments: &Arguments) -> Result<()> {
    let clock = Instant::now();
    let data = Rc::new(DataSet::of_seed(arguments.seed));
    let statistics = data.statistics;
    println!(
        "seed {}: {}, {} classes, input {}, {} training and {} validation examples ({:.2} s)",
        arguments.seed,
        statistics.family.title(),
        statistics.classes,
        statistics.input_size(),
        statistics.training,
        statistics.validation,
        clock.elapsed().as_secs_f64(),
    );
    let mut player = Player::new(arguments.seed, Rc::clone(&data));
    let mut steps = vec![];
    for decision in decisions(arguments)? {
        let seconds = || clock.elapsed().as_secs_f64();
        let outcome = player.play(decision, seconds).with_context(|| format!("step {}", steps.len()))?;
        println!("{}", describe(&decision, &outcome)?);
        steps.push(Step { at: clock.elapsed().as_secs_f64() * 1000.0, decision, outcome });
    }
    if let Some(path) = &arguments.out {
        let id = format!("native-{}", arguments.seed);
        let game =
            Game { id, seed: arguments.seed, statistics, started: 0.0, player: record::Player::default(), steps };
        fs::write(path, File::of(vec![game]).write()).with_context(|| path.display().to_string())?;
    }
    if arguments.baselines {
        let mut baselines = Baselines::new(arguments.seed, data);
        while baselines.advance(&mut |it| println!("{:<42} {:.1} %", it.method.title(), it.accuracy * 100.0)) {}
    }
    Ok(())
}

fn decisions(arguments: &Arguments) -> Result<Vec<Decision>> {
    let Some(path) = &arguments.plan else { return Ok(vec![]) };
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of decisions", path.display()))
}

/// The decision, and the numbers that came of it, in full.
fn describe(decision: &Decision, outcome: &Outcome) -> Result<String> {
    let decision = serde_json::to_string(decision)?;
    Ok(match outcome {
        Outcome::Trained(epoch) => format!(
            "{decision}\n  training {:?} {}, validation {:?} {}{} ({:.2} s)",
            epoch.training_loss,
            epoch.training_accuracy,
            epoch.validation_loss,
            epoch.validation_accuracy,
            if epoch.exploded { ", exploded" } else { "" },
            epoch.seconds,
        ),
        Outcome::Started { parameters } => format!("{decision}\n  {parameters} parameters"),
        Outcome::Grown(grown) => {
            format!("{decision}\n  {} parameters, difference {:e}", grown.parameters, grown.difference)
        }
        Outcome::Stopped { accuracy } => format!("{decision}\n  validation accuracy {accuracy}"),
        Outcome::Reverted => decision,
    })
}

fn check(path: &PathBuf) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let file = File::read(&text)?;
    let mut wrong = 0;
    for game in file.games {
        if is_of_photo(game.seed) {
            println!("{}: on a photo that only the player has", game.id);
            continue;
        }
        let (id, data) = (game.id.clone(), Rc::new(DataSet::of_seed(game.seed)));
        let mut replay = Replay::new(game, data);
        let verdict = loop {
            if let Some(verdict) = replay.advance()? {
                break verdict;
            }
        };
        wrong += usize::from(verdict != Verdict::Same);
        println!("{id}: {verdict:?}");
    }
    if wrong > 0 {
        bail!("{wrong} games have other numbers");
    }
    Ok(())
}
