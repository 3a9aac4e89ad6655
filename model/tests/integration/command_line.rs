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

#[test]
fn a_closer_look_is_for_systems_on_ssd_s_boxes() {
    let check = |system: &str| CommandLine::parse_from(["annotate", "--closer", "--system", system]).options.check();
    for system in ["ssd", "movenet", "masks", "captions"] {
        assert_eq!(check(system), Ok(()), "{system}");
    }
    assert!(check("yolo").is_err_and(|sentence| sentence.contains("ssd, ") && !sentence.contains("yolo")));
}
