//! The worker: owns the device, the weights and every tensor, and answers the page's requests.
//!
//! Built three times, with the feature `cpu`, `cpu-relaxed` or `gpu`; `www/worker.js` loads the one that the page asks for
//! (of the two for the CPU, the one that this browser can load), fetches the weights beside it, calls [`start`] once and
//! then [`handle`] for every message.
//!
//! Natively this crate is empty: it only makes sense in a browser.
#![cfg(all(target_arch = "wasm32", any(feature = "cpu", feature = "gpu")))]

#[cfg(all(feature = "cpu", feature = "gpu"))]
compile_error!("a worker module is for one backend: choose the feature `cpu` or `gpu`");

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use js_sys::{Reflect, Uint8Array};
use lookout_protocol::{Computer, FailureKind, Reply, Request};
use model::{heads::ssd::Ssd, nn::weights::Network, ops::compare::computes_right, photo::Photo, systems::Networks};
use wasm_bindgen::prelude::*;

mod device;
mod failure;
mod lost;
mod page;
mod runs;

use device::Engine;
use failure::{Failure, of_run};
use page::{pause, post, task_boundary};
use runs::{Host, Job, PageObserver, PhotoContext, RunEnd, Systems};

/// What the worker holds between messages.
struct State {
    engine: Engine,
    /// The detector: every visit starts with it.
    detector: Arc<Ssd>,
    systems: Systems,
    photo: RefCell<Option<PhotoContext>>,
    /// The newest run; it replaces older ones.
    newest: Cell<u32>,
    /// The newest question; it replaces older ones.
    asked: Cell<u32>,
    /// Whether a run has the photo in hand.
    busy: Cell<bool>,
}

thread_local! {
    // The worker has one thread and lives as long as its state, so leaking it is owning it.
    static STATE: Cell<Option<&'static State>> = const { Cell::new(None) };
    /// The device between [`prepare`] and [`start`].
    static PREPARED: Cell<Option<Result<Engine, Failure>>> = const { Cell::new(None) };
}

#[cfg(feature = "gpu")]
unsafe extern "C" {
    /// The module's constructors (CubeCL registers its operations in them), written by the linker.
    fn __wasm_call_ctors();
}

/// Runs the module's constructors, once.
///
/// Without this call the linker takes the module for a command and runs all constructors again at every entry, even
/// at every JavaScript object that crosses over: 10 ms each, over two seconds a photo.
#[cfg(feature = "gpu")]
#[wasm_bindgen(start)]
fn construct() {
    // SAFETY: wasm-bindgen runs this function once, when the module is instantiated, before anything else.
    unsafe { __wasm_call_ctors() }
}

/// Sets up the device, which needs no weights: the shell calls it while they are still on their way.
///
/// # Arguments
/// * `known` - what an earlier visit with this build returned.
///
/// # Returns
/// What is worth knowing at the next visit; nothing when it is known already, or there is nothing to know.
#[wasm_bindgen]
pub async fn prepare(known: Option<String>) -> Option<String> {
    report_panics();
    let (engine, tuning) =
        checked_engine(known).await.map_or_else(|why| (Err(why), None), |(it, tuning)| (Ok(it), tuning));
    PREPARED.set(Some(engine));
    tuning
}

/// Sets up the network on the prepared device and says `Ready`. On failure says `Failed` without an id.
#[wasm_bindgen]
pub async fn start(weights: Uint8Array) {
    match set_up(weights.to_vec()).await {
        Ok(state) => {
            let device = state.engine.description.clone();
            STATE.set(Some(Box::leak(Box::new(state))));
            post(&Reply::Ready { backend: device::BACKEND, device });
        }
        Err((why, detail)) => post(&Reply::Failed { id: None, why, detail }),
    }
}

/// A device that computes right, with its kernels as it likes them best, and what is new about that.
async fn checked_engine(known: Option<String>) -> Result<(Engine, Option<String>), Failure> {
    let on_lost = |detail| post(&Reply::Failed { id: None, why: FailureKind::DeviceLost, detail });
    let mut engine = Engine::start(on_lost).await?;
    if engine.recall(known).await.map_err(|error| of_run(&error))? {
        return Ok((engine, None));
    }
    // There are devices that answer quickly and wrongly: better none than one of those.
    match computes_right(&engine.device).await {
        Ok(true) => {}
        Ok(false) => return Err((FailureKind::Network, "a known input came out wrong".into())),
        Err(error) => return Err(of_run(&error)),
    }
    let tuning = engine.tune().await.map_err(|error| of_run(&error))?;
    Ok((engine, tuning))
}

async fn set_up(weights: Vec<u8>) -> Result<State, Failure> {
    let prepared = PREPARED.take();
    let engine = prepared.unwrap_or_else(|| Err((FailureKind::Internal, "start came before prepare".into())))?;
    let ssd = Ssd::load(weights, &engine.device).map_err(|error| (FailureKind::Checksum, error.to_string()))?;
    let networks = Networks::new(Host, engine.device.clone());
    Ok(State {
        engine,
        detector: networks.put("ssd", ssd),
        systems: Systems::new(networks),
        photo: RefCell::new(None),
        newest: Cell::new(0),
        asked: Cell::new(0),
        busy: Cell::new(false),
    })
}

/// Runs the network once on a blank photo, so that the device's programs are compiled before a visitor waits for them.
/// The shell asks for it only when no photo is waiting: a first photo warms up as well as a blank one.
#[wasm_bindgen]
pub async fn warm_up() {
    let (Some(state), Ok(blank)) = (STATE.get(), Photo::from_rgba(1, 1, vec![255; 4])) else { return };
    if let Err(error) = state.detector.detect(&blank, &state.engine.device).await {
        let (why, detail) = of_run(&error);
        post(&Reply::Failed { id: None, why, detail });
    }
}

/// Answers one message of the page.
#[wasm_bindgen]
pub fn handle(message: JsValue) {
    let Some(state) = STATE.get() else {
        post(&Reply::Failed { id: None, why: FailureKind::Internal, detail: "a message came before start".into() });
        return;
    };
    let request: Request = match serde_wasm_bindgen::from_value(message.clone()) {
        Ok(request) => request,
        Err(error) => {
            let detail = format!("unreadable message: {error}");
            post(&Reply::Failed { id: None, why: FailureKind::Internal, detail });
            return;
        }
    };
    match request {
        Request::Photo { photo, width, height } => take_photo(state, photo, width, height, &message),
        Request::Run { id, photo, systems, inside, again, closer, kept } => {
            state.newest.set(id);
            wasm_bindgen_futures::spawn_local(work(
                state,
                id,
                photo,
                Job::Run { systems, inside, again, closer, kept },
            ));
        }
        Request::Ask { id, photo, system, question } => {
            state.asked.set(id);
            wasm_bindgen_futures::spawn_local(work(state, id, photo, Job::Ask { system, question }));
        }
        Request::Cancel { id } => {
            // Ids grow, so "one more" overtakes the run without being a run itself.
            if state.newest.get() == id {
                state.newest.set(id + 1);
            }
        }
        Request::RunKernels { by, rounds, seed } => {
            wasm_bindgen_futures::spawn_local(run_kernels(state, by, rounds, seed));
        }
        Request::TimeNetwork => wasm_bindgen_futures::spawn_local(time_network(state)),
        Request::TimeLayers { rounds } => {
            wasm_bindgen_futures::spawn_local(time_layers(state, rounds));
        }
        Request::LoseDevice => state.engine.lose(),
    }
}

/// Keeps the pixels that lie beside the message.
fn take_photo(state: &State, id: u32, width: u32, height: u32, message: &JsValue) {
    let pixels = Reflect::get(message, &"pixels".into()).unwrap_or_default();
    let photo = Photo::from_rgba(width, height, Uint8Array::new(&pixels).to_vec());
    match photo {
        Ok(photo) => *state.photo.borrow_mut() = Some(PhotoContext::new(id, photo)),
        Err(error) => {
            post(&Reply::Failed { id: None, why: FailureKind::Internal, detail: error.to_string() });
        }
    }
}

/// Runs systems or asks one, unless a newer run or question comes first.
async fn work(state: &'static State, id: u32, of: u32, job: Job) {
    let (newest, inside, again) = match job {
        Job::Run { inside, again, .. } => (&state.newest, inside, again),
        Job::Ask { .. } => (&state.asked, false, false),
    };
    // Messages that are already waiting (a cancel, a newer run) are heard before the work starts, and an older run that
    // waits for the GPU gives the photo back first.
    task_boundary().await;
    while state.busy.get() {
        pause(4).await;
    }
    if newest.get() != id {
        post(&Reply::Cancelled { id });
        return;
    }
    // The photo may be replaced while the GPU works: take it, give it back.
    let Some(mut photo) = state.photo.borrow_mut().take() else {
        post(&Reply::Failed { id: Some(id), why: FailureKind::Internal, detail: "no photo was sent".into() });
        return;
    };
    state.busy.set(true);
    let is_wanted = || newest.get() == id;
    let observer = PageObserver::new(id, inside, &is_wanted);
    let result = if photo.id == of {
        if again {
            photo.forget();
        }
        if let Job::Run { kept, .. } = &job {
            photo.keep(kept);
        }
        state.systems.work(&job, &mut photo, &observer).await
    } else {
        let detail = format!("photo {of} is not the one here ({})", photo.id);
        Err(RunEnd::Failed((FailureKind::Internal, detail)))
    };
    // Back in its place, unless a newer photo has come meanwhile.
    state.photo.borrow_mut().get_or_insert(photo);
    state.busy.set(false);
    if matches!(result, Err(RunEnd::Failed((FailureKind::Network, _)))) {
        hear_of_loss().await;
    }
    let end = match result {
        Ok(Some(answer)) if is_wanted() => return post(&Reply::Answer { id, answer }),
        Ok(None) if is_wanted() => return post(&Reply::Done { id, stages: observer.take_unsaid() }),
        Err(RunEnd::Failed((FailureKind::Network, detail))) if is_wanted() && lost::is_lost() => {
            Reply::Failed { id: Some(id), why: FailureKind::DeviceLost, detail }
        }
        Err(RunEnd::Failed((why, detail))) if is_wanted() => Reply::Failed { id: Some(id), why, detail },
        _ => Reply::Cancelled { id },
    };
    // What was done by then counts.
    if matches!(job, Job::Run { .. }) {
        observer.say();
    }
    post(&end);
}

/// A device that is lost first fails what it was doing and only then says that it is lost: waits up to a second for that.
async fn hear_of_loss() {
    for _ in 0..20 {
        if lost::is_lost() {
            return;
        }
        pause(50).await;
    }
}

/// Answers [`Request::RunKernels`].
async fn run_kernels(state: &'static State, by: Computer, rounds: usize, seed: u32) {
    post(&match device::outcomes(&state.engine.device, by, rounds, u64::from(seed)).await {
        Ok((cuts, found)) => {
            Reply::Kernels { outcomes: found.into_iter().map(|one| (one.what, one.values)).collect(), cuts }
        }
        Err((why, detail)) => Reply::Failed { id: None, why, detail },
    });
}

/// Detections that [`time_network`] runs; the fastest counts, since what disturbs a run only makes it slower.
const TIMED_RUNS: usize = 4;

/// Answers [`Request::TimeNetwork`].
async fn time_network(state: &'static State) {
    while state.busy.get() {
        pause(4).await;
    }
    state.busy.set(true);
    let blank = Photo::from_rgba(1, 1, vec![255; 4]).expect("one pixel is four bytes");
    let mut found = Ok(f64::INFINITY);
    // The first run compiles and warms up.
    for _ in 0..TIMED_RUNS {
        let start = page::now();
        let result = state.detector.detect(&blank, &state.engine.device).await;
        found = found.and_then(|best: f64| result.map(|_| best.min(page::now() - start)));
    }
    state.busy.set(false);
    post(&match found {
        Ok(ms) => Reply::NetworkTime { ms },
        Err(error) => {
            let (why, detail) = of_run(&error);
            Reply::Failed { id: None, why, detail }
        }
    });
}

/// Answers [`Request::TimeLayers`].
async fn time_layers(state: &'static State, rounds: usize) {
    post(&match state.detector.time_layers(&state.engine.device, rounds).await {
        Ok(table) => Reply::Layers { table },
        Err(error) => {
            let (why, detail) = of_run(&error);
            Reply::Failed { id: None, why, detail }
        }
    });
}

/// A panic ends the module without settling any promise: the page is told first.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let why = if lost::is_lost() { FailureKind::DeviceLost } else { FailureKind::Internal };
        post(&Reply::Failed { id: None, why, detail: info.to_string() });
    }));
}
