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

use std::cell::{Cell, RefCell};

use js_sys::{Reflect, Uint8Array};
use lookout_protocol::{Computer, FailureKind, Reply, Request, Task};
use model::{
    device::RunError, ops::compare::computes_right, photo::Photo, structures::stage::Trace, systems::ssd::Ssd,
};
use wasm_bindgen::prelude::*;

mod device;
mod page;
mod tasks;

use device::Engine;
use page::{pause, post, task_boundary};
use tasks::{Held, Networks, Order, Stop};

/// What the worker holds between messages.
struct State {
    engine: Engine,
    networks: Networks,
    photo: RefCell<Option<Held>>,
    /// The newest run; older ones are moot.
    newest: Cell<u32>,
    /// Whether a run has the photo in hand.
    busy: Cell<bool>,
}

thread_local! {
    // The worker has one thread and lives as long as its state, so leaking it is owning it.
    static STATE: Cell<Option<&'static State>> = const { Cell::new(None) };
    /// The device between [`prepare`] and [`start`].
    static PREPARED: Cell<Option<Result<Engine, (FailureKind, String)>>> = const { Cell::new(None) };
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
    page::report_panics();
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
async fn checked_engine(known: Option<String>) -> Result<(Engine, Option<String>), (FailureKind, String)> {
    let mut engine = Engine::start().await?;
    if engine.recall(known).await.map_err(|error| why(&error))? {
        return Ok((engine, None));
    }
    // There are devices that answer quickly and wrongly: better none than one of those.
    match computes_right(&engine.device).await {
        Ok(true) => {}
        Ok(false) => return Err((FailureKind::Network, "a known input came out wrong".into())),
        Err(error) => return Err(why(&error)),
    }
    let tuning = engine.tune().await.map_err(|error| why(&error))?;
    Ok((engine, tuning))
}

async fn set_up(weights: Vec<u8>) -> Result<State, (FailureKind, String)> {
    let prepared = PREPARED.take();
    let engine = prepared.unwrap_or_else(|| Err((FailureKind::Internal, "start came before prepare".into())))?;
    let ssd = Ssd::load(weights, &engine.device).map_err(|error| (FailureKind::Checksum, error.to_string()))?;
    Ok(State {
        engine,
        networks: Networks::new(ssd),
        photo: RefCell::new(None),
        newest: Cell::new(0),
        busy: Cell::new(false),
    })
}

/// Runs the network once on a blank photo, so that the device's programs are compiled before a visitor waits for them.
/// The shell asks for it only when no photo is waiting: a first photo warms up as well as a blank one.
#[wasm_bindgen]
pub async fn warm_up() {
    let (Some(state), Ok(blank)) = (STATE.get(), Photo::from_rgba(1, 1, vec![255; 4])) else { return };
    if let Err(error) = state.networks.ssd.detect(&blank, &state.engine.device, &mut Trace::default()).await {
        let (why, detail) = why(&error);
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
        Request::Run { id, photo, task } => {
            state.newest.set(id);
            wasm_bindgen_futures::spawn_local(run(state, id, photo, task));
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
        Ok(photo) => *state.photo.borrow_mut() = Some(Held::new(id, photo)),
        Err(error) => {
            post(&Reply::Failed { id: None, why: FailureKind::Internal, detail: error.to_string() });
        }
    }
}

/// Runs a task, unless it is overtaken first.
async fn run(state: &'static State, id: u32, photo_id: u32, task: Task) {
    // Messages that are already waiting (a cancel, a newer run) are heard before the work starts, and an older run that
    // waits for the GPU gives the photo back first.
    task_boundary().await;
    while state.busy.get() {
        pause(4).await;
    }
    if state.newest.get() != id {
        post(&Reply::Cancelled { id });
        return;
    }
    // The photo may be replaced while the GPU works: take it, give it back.
    let Some(mut held) = state.photo.borrow_mut().take() else {
        post(&Reply::Failed { id: Some(id), why: FailureKind::Internal, detail: "no photo was sent".into() });
        return;
    };
    state.busy.set(true);
    let mut trace = Trace::default();
    let mut kept = Vec::new();
    let result = if held.id == photo_id {
        let wanted = || state.newest.get() == id;
        let mut order = Order { device: &state.engine.device, trace: &mut trace, kept: &mut kept, wanted: &wanted };
        state.networks.run(task, &mut held, &mut order).await
    } else {
        Err(Stop::Failed(FailureKind::Internal, format!("photo {photo_id} is not the one held ({})", held.id)))
    };
    let found = held.found_for(task);
    // Back in its place, unless a newer photo has come meanwhile.
    state.photo.borrow_mut().get_or_insert(held);
    state.busy.set(false);
    if matches!(result, Err(Stop::Failed(FailureKind::Network, _))) {
        hear_of_loss().await;
    }
    post(&match result {
        _ if state.newest.get() != id => Reply::Cancelled { id },
        Ok(()) => Reply::Done { id, found: Box::new(found), trace, kept },
        Err(Stop::Cancelled) => Reply::Cancelled { id },
        Err(Stop::Failed(FailureKind::Network, detail)) if device::is_lost() => {
            Reply::Failed { id: Some(id), why: FailureKind::DeviceLost, detail }
        }
        Err(Stop::Failed(why, detail)) => Reply::Failed { id: Some(id), why, detail },
    });
}

/// A device that is lost first fails what it was doing and only then says that it is lost: waits up to a second for that.
async fn hear_of_loss() {
    for _ in 0..20 {
        if device::is_lost() {
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
        let mut trace = Trace::default();
        let result = state.networks.ssd.detect(&blank, &state.engine.device, &mut trace).await;
        found = found.and_then(|best: f64| result.map(|_| best.min(trace.total_ms())));
    }
    state.busy.set(false);
    post(&match found {
        Ok(ms) => Reply::NetworkTime { ms },
        Err(error) => {
            let (why, detail) = why(&error);
            Reply::Failed { id: None, why, detail }
        }
    });
}

/// Answers [`Request::TimeLayers`].
async fn time_layers(state: &'static State, rounds: usize) {
    post(&match state.networks.ssd.time_layers(&state.engine.device, rounds).await {
        Ok(table) => Reply::Layers { table },
        Err(error) => {
            let (why, detail) = why(&error);
            Reply::Failed { id: None, why, detail }
        }
    });
}

/// The page's word for an error of the network.
fn why(error: &RunError) -> (FailureKind, String) {
    let kind = match error {
        RunError::Device(_) if device::is_lost() => FailureKind::DeviceLost,
        RunError::Device(_) | RunError::NotFinite => FailureKind::Network,
    };
    (kind, error.to_string())
}
