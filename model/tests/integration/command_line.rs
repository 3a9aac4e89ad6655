//! The command line of `annotate`, as tests call it.

use std::path::Path;

use clap::Parser;
use model::annotate::{Annotator, Options};

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

/// What `annotate --system SYSTEM --weights WEIGHTS --detector DETECTOR` runs.
pub fn annotator(system: &str, weights: &Path, detector: &Path) -> Annotator {
    let [weights, detector] = [weights, detector].map(|path| path.to_str().expect("a plain path"));
    let arguments = ["annotate", "--system", system, "--weights", weights, "--detector", detector];
    Annotator::load(&CommandLine::parse_from(arguments).options).expect("the weights are there")
}
