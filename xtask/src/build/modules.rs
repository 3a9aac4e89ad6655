//! The web modules: compiled, bound to JavaScript, optimised.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    thread::{self, ScopedJoinHandle},
    time::Instant,
};
use wasm_bindgen_cli_support::Bindgen;

use super::{WASM, optimize, split};
use crate::{
    atomic::{self, NewFolder},
    checksum, process,
    process::say,
    project::Project,
};

/// A WebAssembly module of the app.
struct Module {
    /// What it is called here.
    name: &'static str,
    /// What its files are called: `FILES.js` and `FILES_bg.wasm`.
    files: &'static str,
    /// The cargo package.
    package: &'static str,
    /// The package's feature.
    feature: Option<&'static str>,
    /// What wasm-opt aims for.
    level: optimize::Level,
    /// Whether it is a page: linked quickly while it is being worked on.
    is_page: bool,
    /// Whether parts of it load later.
    is_split: bool,
    /// Our own packages that are compiled small rather than fast, as the others' are.
    small: &'static [&'static str],
}

/// The page first: its errors show soonest.
const MODULES: [Module; 6] = [
    // Its files leave the name `lookout.js` to the element for other pages.
    Module {
        name: "lookout",
        files: "page",
        package: "lookout",
        feature: None,
        level: optimize::Level::Size,
        is_page: true,
        is_split: true,
        // Its geometry waits for the visitor, not the visitor for it.
        small: &["model"],
    },
    Module {
        name: "quest",
        files: "quest",
        package: "lookout-quest",
        feature: None,
        level: optimize::Level::Size,
        is_page: true,
        is_split: false,
        small: &[],
    },
    Module { package: "lookout-quest-worker", feature: None, ..worker("worker_quest", "", optimize::Level::Speed) },
    worker("worker_cpu", "cpu", optimize::Level::Speed),
    // Shares its compiled dependencies with the one above: only `model` and the worker are compiled again.
    worker("worker_cpu_relaxed", "cpu-relaxed", optimize::Level::Speed),
    // It waits for its device: what it computes itself need not be fast.
    Module { small: &["model", "lookout-worker"], ..worker("worker_gpu", "gpu", optimize::Level::Size) },
];

const fn worker(name: &'static str, feature: &'static str, level: optimize::Level) -> Module {
    Module {
        name,
        files: name,
        package: "lookout-worker",
        feature: Some(feature),
        level,
        is_page: false,
        is_split: false,
        small: &[],
    }
}

/// The cargo profile of web modules.
const PROFILE: &str = "web";
/// That of the page while it is being worked on. The workers have one only: slow networks are no help.
const DEV_PROFILE: &str = "web-dev";

/// Part of every key: change it when the way in which modules are processed changes. (A new wasm-bindgen changes the raw
/// modules, too: they carry its version.)
const PROCESS: &str = "3";

/// The modules' names, the page's first.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|module| module.name)
}

/// Which modules are built, and what becomes of the others.
#[derive(Clone, Copy)]
pub enum Selection<'a> {
    /// All, where there are no names; else the named ones, and the others are taken as they were last built.
    Named(&'a [String]),
    /// As little as a page needs to answer: its own module and one worker's. The others are left out.
    First,
}

impl Selection<'_> {
    fn has(self, module: &Module) -> bool {
        match self {
            Self::Named(names) => names.is_empty() || names.iter().any(|name| name == module.name),
            Self::First => FIRST.contains(&module.name),
        }
    }
}

/// The modules of [`Selection::First`].
const FIRST: [&str; 2] = ["lookout", "worker_cpu"];

/// Builds modules and returns the folders with their files.
///
/// While one module is bound and optimised, on one core, the next one is compiled. The first page's two are compiled side by side:
/// their profiles differ, so that cargo lets them, and compiling the page keeps one core busy for minutes.
///
/// # Errors
/// When a step fails, or a module to be taken was never built.
pub fn build(project: &Project, dev: bool, selection: Selection) -> Result<Vec<PathBuf>> {
    if !dev {
        optimize::tool(project)?; // once, before several need it
    }
    thread::scope(|scope| {
        let mut folders = Vec::new();
        for module in &MODULES {
            let in_module = || format!("module {}", module.name);
            let results = Results::of(project, module);
            let compile = move || {
                let profile = if dev && module.is_page { DEV_PROFILE } else { PROFILE };
                compile(project, module, profile).with_context(in_module)
            };
            if !selection.has(module) {
                if matches!(selection, Selection::Named(_)) {
                    folders.push(Folder::There(results.latest().with_context(in_module)?));
                }
                continue;
            }
            let finish = move |wasm| process_or_take(project, module, &results, wasm, dev).with_context(in_module);
            folders.push(Folder::Coming(if matches!(selection, Selection::First) {
                scope.spawn(move || finish(compile()?))
            } else {
                let wasm = compile()?;
                scope.spawn(move || finish(wasm))
            }));
        }
        folders.into_iter().map(Folder::wait).collect()
    })
}

/// The folder of a module's files.
enum Folder<'scope> {
    /// It is being filled.
    Coming(ScopedJoinHandle<'scope, Result<PathBuf>>),
    /// It was filled earlier.
    There(PathBuf),
}

impl Folder<'_> {
    fn wait(self) -> Result<PathBuf> {
        match self {
            Self::Coming(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Self::There(folder) => Ok(folder),
        }
    }
}

/// Processes a raw module, unless that was done earlier. Returns the folder with its files.
fn process_or_take(project: &Project, module: &Module, results: &Results, wasm: Vec<u8>, dev: bool) -> Result<PathBuf> {
    let level = if dev { None } else { Some(module.level) };
    let splitter = if module.is_split { format!("{} {}", split::identity(), module.files) } else { String::new() };
    let optimizer = optimize::identity(level);
    let key = checksum::sha256_parts([&wasm, PROCESS.as_bytes(), splitter.as_bytes(), optimizer.as_bytes()]);
    let place = results.folder.join(&key[..16]);
    if !place.is_dir() {
        let new = NewFolder::beside(&place)?;
        process_module(project, module, wasm, level, &new.path())?;
        new.put()?;
    }
    results.remember(&place)?;
    Ok(place)
}

/// Splits the raw module, binds it to JavaScript and optimises it and its chunks, in an empty folder.
fn process_module(
    project: &Project,
    module: &Module,
    raw: Vec<u8>,
    level: Option<optimize::Level>,
    folder: &Path,
) -> Result<()> {
    let Module { name, files, .. } = *module;
    let wasm = if module.is_split {
        let started = Instant::now();
        let main = split::split(files, &raw, folder)?;
        let chunks = split::chunks(folder)?.len();
        say("Split", format_args!("{name} into the main module and {chunks} chunks in {:.1?}", started.elapsed()));
        main
    } else {
        raw
    };
    let started = Instant::now();
    bind(module, wasm, folder)?;
    say("Bound", format_args!("{name} to JavaScript in {:.1?}", started.elapsed()));
    if let Some(level) = level {
        let mut modules = vec![folder.join(format!("{files}_bg.wasm"))];
        modules.extend(split::chunks(folder)?);
        optimize::optimize(project, &modules, level)?;
    }
    if module.is_split { split::put_together(files, folder) } else { Ok(()) }
}

/// The processed states of one module, a folder each; the last two are kept, so that one can go back and forth between
/// a quick and a full build.
struct Results {
    folder: PathBuf,
}

impl Results {
    fn of(project: &Project, module: &Module) -> Self {
        Self { folder: project.scratch().join("modules").join(module.name) }
    }

    /// The folders of the last two, the last one first.
    fn kept(&self) -> Vec<PathBuf> {
        let text = fs::read_to_string(self.folder.join("latest")).unwrap_or_default();
        text.lines().map(|key| self.folder.join(key)).filter(|place| place.is_dir()).collect()
    }

    fn latest(&self) -> Result<PathBuf> {
        self.kept().into_iter().next().context("it was never built: build without --only first")
    }

    /// Makes this the latest result and removes the oldest.
    fn remember(&self, place: &Path) -> Result<()> {
        let mut keep = self.kept();
        keep.retain(|other| other != place);
        keep.insert(0, place.to_owned());
        keep.truncate(2);
        let keys: Vec<_> = keep.iter().filter_map(|place| Some(place.file_name()?.to_string_lossy() + "\n")).collect();
        atomic::write(&self.folder.join("latest"), keys.concat().as_bytes())?;
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Hidden folders are being filled by another build.
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !is_hidden && !keep.contains(&path) {
                fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Compiles the package and returns its raw module.
fn compile(project: &Project, module: &Module, profile: &str) -> Result<Vec<u8>> {
    let mut cargo = project.cargo();
    cargo.args(["rustc", "--profile", profile, "--target", WASM, "-p", module.package]);
    if let Some(feature) = module.feature {
        cargo.args(["--features", feature]);
    }
    for package in module.small {
        cargo.args(["--config", &format!("profile.{profile}.package.{package}.opt-level = \"s\"")]);
    }
    // Without an rlib beside it, rustc generates the code of the dependencies at link time only, for what is used of them.
    cargo.args(["--lib", "--crate-type", "cdylib"]);
    if module.is_split {
        // Unlike `build`, `rustc` takes arguments for this package alone; its dependencies stay as they are.
        cargo.args(["--", split::LINK_ARGUMENT]);
    }
    // These would replace the flags of `.cargo/config.toml`, and with them SIMD.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::run(&mut cargo)?;
    // Read at once: the worker modules share this file name.
    let file = project.target().join(WASM).join(profile).join(module.package.replace('-', "_") + ".wasm");
    fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// Makes the JavaScript that loads the module and the module that it expects.
fn bind(module: &Module, wasm: Vec<u8>, to: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(module.files, wasm).web(true)?.out_name(module.files).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // Chunks import the function table and the stack pointer.
    bindgen.keep_lld_exports(module.is_split);
    bindgen.generate(to).context("wasm-bindgen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_results_are_kept() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = Results { folder: folder.path().to_owned() };
        results.latest().expect_err("nothing was built");
        let places = ["a", "b", "c"].map(|key| folder.path().join(key));
        for place in &places {
            fs::create_dir(place)?;
            results.remember(place)?;
        }
        assert_eq!(places.each_ref().map(|place| place.is_dir()), [false, true, true]);
        assert_eq!(results.latest()?, places[2]);
        results.remember(&places[1])?;
        assert_eq!(results.latest()?, places[1], "used again");
        assert_eq!(results.kept().len(), 2);
        Ok(())
    }
}
