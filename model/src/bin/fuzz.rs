//! Decodes photos whose bytes were changed at random: each has to end in a photo or in an error, soon.
//!
//! `cargo run --release -p model --bin fuzz -- assets/photos tests/fixtures --count 10000`

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use model::{
    photo::{Photo, PhotoError},
    random::Random,
};

/// A photo that takes longer counts as stuck.
const MAX_SECONDS: f64 = 10.0;

/// Decodes changed photos and counts how each ended.
#[derive(Parser)]
struct Arguments {
    /// Photos, or folders of photos, to change.
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// How many changed photos are decoded.
    #[arg(long, default_value_t = 10_000)]
    count: usize,
    /// The same seed makes the same photos.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How decoding ended, and how often.
#[derive(Default)]
struct Tally {
    photos: usize,
    errors: BTreeMap<String, usize>,
    /// Numbers of the photos whose decoding panicked.
    panics: Vec<usize>,
    /// Numbers of the photos whose decoding took too long.
    stuck: Vec<usize>,
    slowest: f64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let originals = originals(&arguments.photos)?;
    // A panic is counted, not printed.
    std::panic::set_hook(Box::new(|_| {}));
    let mut tally = Tally::default();
    for number in 0..arguments.count {
        // A generator of its own for each photo: a number says which photo it was.
        let mut random = Random::new(arguments.seed.wrapping_mul(1_000_003).wrapping_add(number as u64 + 1));
        let bytes = changed(&originals[random.below(originals.len())], &mut random);
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| Photo::decode(&bytes))) {
            Ok(Ok(_)) => tally.photos += 1,
            Ok(Err(error)) => *tally.errors.entry(kind(&error)).or_default() += 1,
            Err(_) => tally.panics.push(number),
        }
        let seconds = start.elapsed().as_secs_f64();
        tally.slowest = tally.slowest.max(seconds);
        if seconds > MAX_SECONDS {
            tally.stuck.push(number);
        }
    }
    println!("{} changed photos: {} decoded, slowest {:.2} s", arguments.count, tally.photos, tally.slowest);
    for (kind, count) in &tally.errors {
        println!("{count:>7} {kind}");
    }
    println!("{:>7} panics {:?}", tally.panics.len(), tally.panics);
    println!("{:>7} took longer than {MAX_SECONDS} s {:?}", tally.stuck.len(), tally.stuck);
    Ok(if tally.panics.is_empty() && tally.stuck.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The bytes of all files in some places.
fn originals(places: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
    for place in places {
        if place.is_file() {
            found.push(read(place)?);
            continue;
        }
        let mut files: Vec<PathBuf> = std::fs::read_dir(place)
            .with_context(|| place.display().to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file() && path.extension().is_some_and(|it| it != "py"))
            .collect();
        files.sort();
        found.extend(files.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?);
    }
    found.retain(|bytes| !bytes.is_empty());
    ensure!(!found.is_empty(), "there is no photo to change");
    Ok(found)
}

/// A photo with some of its bytes changed, left out or repeated.
fn changed(original: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            break;
        }
        // Half of the changes are in the header, where they do most.
        let within = if random.uniform() < 0.5 { bytes.len().min(600) } else { bytes.len() };
        let at = random.below(within);
        let length = (1 + random.below(64)).min(bytes.len() - at);
        match random.below(5) {
            0 => (0..=random.below(16)).for_each(|_| {
                let place = random.below(within);
                // Any byte: the low eight bits.
                bytes[place] = random.below(256) as u8;
            }),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => bytes[at..at + length].fill(if random.uniform() < 0.5 { 0 } else { 255 }),
        }
    }
    bytes
}

/// An error without its details.
fn kind(error: &PhotoError) -> String {
    let text = format!("{error:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_photo() {
        let original: Vec<u8> = (0..=255).cycle().take(2000).collect();
        let made = |seed| changed(&original, &mut Random::new(seed));
        assert_eq!(made(7), made(7));
        assert!((1..20).any(|seed| made(seed) != original));
    }
}
