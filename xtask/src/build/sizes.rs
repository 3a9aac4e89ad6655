//! The table of sizes: as they are, and as hosts send them.

use anyhow::{Result, bail};
use std::{
    collections::BTreeMap,
    fs,
    sync::{Mutex, PoisonError},
    thread,
};

use super::{site::Entry, split};
use crate::{
    compress::{Compressed, Encoding},
    process::say,
    project::Project,
};

/// What modules may have in bytes, with brotli. A build fails above it by more than a hundredth: paths are in modules, so that the
/// same source makes a few bytes more on one machine than on another.
const BUDGETS: [(&str, usize); 4] = [
    ("page_bg.wasm", 400_000),
    ("worker_cpu_bg.wasm", 700_000),
    ("worker_cpu_relaxed_bg.wasm", 700_000),
    ("worker_gpu_bg.wasm", 1_500_000),
];

#[derive(Clone, Copy, Default)]
struct Sizes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Sizes {
    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }
}

/// Prints the sizes of the site's files, small ones together, and what a first visit downloads on each backend.
///
/// # Errors
/// When a file cannot be read, or a module is larger than its budget.
pub fn report(project: &Project, files: &BTreeMap<String, Entry>) -> Result<()> {
    say("Measuring", "what hosts send: gzip level 9, brotli level 11");
    let compressed = Compressed::of(project);
    let mut rows: BTreeMap<&str, Sizes> = BTreeMap::new();
    let mut visit: BTreeMap<&str, Sizes> = BTreeMap::new();
    for (name, sizes) in measure(project, &compressed, files)? {
        rows.entry(row(name)).or_default().add(sizes);
        for backend in ["cpu", "gpu"] {
            if is_loaded_at_first(name, backend) {
                visit.entry(backend).or_default().add(sizes);
            }
        }
    }
    println!("\n{:<28} {:>12} {:>12} {:>12}", "bytes", "raw", "gzip", "brotli");
    for (name, sizes) in &rows {
        print_row(name, *sizes);
    }
    for (backend, sizes) in &visit {
        print_row(&format!("= first visit, {backend}"), *sizes);
    }
    println!();
    compressed.forget_others(files.values().map(|entry| entry.sha256.as_str()))?;
    let over = over_budget(|name| rows.get(name).map(|sizes| sizes.brotli));
    if !over.is_empty() {
        bail!("larger than they may be, with brotli: {}", over.join(", "));
    }
    Ok(())
}

/// Each file with its sizes. Cores take one file after the other, the largest first: compressing all takes minutes.
fn measure<'a>(
    project: &Project,
    compressed: &Compressed,
    files: &'a BTreeMap<String, Entry>,
) -> Result<Vec<(&'a str, Sizes)>> {
    let mut waiting: Vec<_> = files.iter().collect();
    waiting.sort_by_key(|(_, entry)| entry.bytes);
    let waiting = Mutex::new(waiting);
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let of_a_core = || -> Result<Vec<_>> {
        let mut measured = Vec::new();
        while let Some((name, entry)) = next() {
            let bytes = fs::read(project.dist().join(name))?;
            let size = |encoding| anyhow::Ok(compressed.get(&entry.sha256, &bytes, encoding)?.len());
            let (gzip, brotli) = (size(Encoding::Gzip)?, size(Encoding::Brotli)?);
            measured.push((name.as_str(), Sizes { raw: entry.bytes, gzip, brotli }));
        }
        Ok(measured)
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(of_a_core)).collect();
        let of_cores = threads.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        Ok(of_cores.collect::<Result<Vec<_>>>()?.concat())
    })
}

/// The modules that are larger than their budgets, in words.
fn over_budget(brotli: impl Fn(&str) -> Option<usize>) -> Vec<String> {
    let over = |&(name, most): &(&str, usize)| {
        let bytes = brotli(name).filter(|&bytes| bytes > most + most / 100)?;
        Some(format!("{name} has {bytes} bytes of {most}"))
    };
    BUDGETS.iter().filter_map(over).collect()
}

fn print_row(name: &str, sizes: Sizes) {
    println!("{name:<28} {:>12} {:>12} {:>12}", sizes.raw, sizes.gzip, sizes.brotli);
}

/// The row of the table that counts the file.
fn row(name: &str) -> &str {
    match name.split_once('/') {
        Some(("photos", _)) => "photos/",
        _ if name.ends_with(".wasm") || name.starts_with("weights/") => name,
        _ => "everything else",
    }
}

/// Whether a first visit that runs on this backend downloads the file. Texts are not, and what is for other pages; sample photos are when picked,
/// chunks of the page when what they draw is opened, and weights other than the detector's when a task first needs them.
fn is_loaded_at_first(name: &str, backend: &str) -> bool {
    // Browsers without relaxed SIMD load the other CPU module, which is as large.
    let worker = if backend == "cpu" { "worker_cpu_relaxed" } else { "worker_gpu" };
    let is_other_worker = name.starts_with("worker_") && !matches!(name.strip_prefix(worker), Some("_bg.wasm" | ".js"));
    let is_game = name.starts_with("quest");
    let is_text = name.ends_with(".txt") || name.ends_with(".md") || name == "about.html" || name == "css/about.css";
    let is_elsewhere = name == "lookout.js" || ["examples/", "lessons/"].iter().any(|it| name.starts_with(it));
    let is_later = name.starts_with("photos/") || (name.starts_with("weights/") && name != "weights/ssd.bpk");
    !is_other_worker && !is_later && !is_game && !is_text && !is_elsewhere && !split::is_chunk(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_above_their_budgets_are_named() {
        let bytes = |name: &str| Some(if name == "page_bg.wasm" { 404_001 } else { 404_000 });
        assert_eq!(over_budget(bytes), ["page_bg.wasm has 404001 bytes of 400000"]);
        assert!(over_budget(|_| None).is_empty());
    }

    #[test]
    fn a_first_visit_loads_one_backend_and_no_samples() {
        assert!(is_loaded_at_first("worker_cpu_relaxed_bg.wasm", "cpu"));
        assert!(!is_loaded_at_first("worker_cpu_bg.wasm", "cpu"));
        assert!(is_loaded_at_first("worker.js", "cpu"));
        assert!(!is_loaded_at_first("worker_gpu_bg.wasm", "cpu"));
        assert!(is_loaded_at_first("weights/ssd.bpk", "gpu"));
        assert!(!is_loaded_at_first("weights/mask.bpk", "gpu"));
        assert!(!is_loaded_at_first("photos/cat.jpg", "gpu"));
        assert!(is_loaded_at_first("page_bg.wasm", "cpu"));
        assert!(is_loaded_at_first("page_chunks.js", "cpu"));
        assert!(!is_loaded_at_first("lookout.js", "cpu") && !is_loaded_at_first("examples/plain.html", "cpu"));
        assert!(!is_loaded_at_first("split_inside.wasm", "cpu"));
        assert!(!is_loaded_at_first("quest_bg.wasm", "cpu"));
        assert!(!is_loaded_at_first("worker_quest_bg.wasm", "gpu"));
    }
}
