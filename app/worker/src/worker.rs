//! What `www/worker.js` calls: the device is set up, the network loaded, and every message answered.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use js_sys::{Reflect, Uint8Array};
use lookout_protocol::{FailureKind, Reply, Request};
use model::{
    device::RunError, heads::ssd::Ssd, nn::weights::Network, ops::compare::computes_right, photo::Photo,
    systems::Networks,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

mod client;
mod device;
mod failure;
mod lost;
mod measure;
mod page;
mod runs;
mod work;

use self::{
    client::{Client, Clients},
    device::Engine,
    failure::{Failure, of_run},
    measure::{run_kernels, time_layers, time_network},
    page::{post, task_boundary},
    runs::{Host, Job, PhotoContext, Systems},
    work::work,
};
use crate::turns::Turns;

/// What the worker holds between messages: all clients share it.
pub struct State {
    pub engine: Engine,
    /// The detector: every visit starts with it.
    pub detector: Arc<Ssd>,
    pub systems: Systems,
    pub turns: RefCell<Turns>,
    clients: Clients,
    /// Whether a client has asked for anything yet.
    is_asked: Cell<bool>,
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
            post(None, &Reply::Ready { backend: device::BACKEND, device });
        }
        Err((why, detail)) => post(None, &Reply::Failed { id: None, why, detail }),
    }
}

/// A device that computes right, with its kernels as it likes them best, and what is new about that.
async fn checked_engine(known: Option<String>) -> Result<(Engine, Option<String>), Failure> {
    let on_lost = |detail| post(None, &Reply::Failed { id: None, why: FailureKind::DeviceLost, detail });
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
        turns: RefCell::default(),
        clients: Clients::default(),
        is_asked: Cell::new(false),
    })
}

/// Runs the network once on a blank photo, so that the device's programs are compiled before a visitor waits for them.
/// The shell asks for it only when no photo is waiting; one that comes meanwhile ends it at the next map, since a first photo warms
/// up as well as a blank one.
#[wasm_bindgen]
pub async fn warm_up() {
    let (Some(state), Ok(blank)) = (STATE.get(), Photo::from_rgba(1, 1, vec![255; 4])) else { return };
    if let Err(error) = run_unless_asked(state, &blank).await {
        let (why, detail) = of_run(&error);
        post(None, &Reply::Failed { id: None, why, detail });
    }
}

/// Runs the network until it is done or a client asks for something.
async fn run_unless_asked(state: &State, photo: &Photo) -> Result<(), RunError> {
    let mut pass = state.detector.begin_features(Ssd::input(photo, &state.engine.device));
    loop {
        task_boundary().await;
        if state.is_asked.get() {
            return Ok(());
        }
        if pass.next().is_none() {
            break;
        }
    }
    let scores = state.detector.class_scores(&pass.into_features());
    state.detector.output(photo.size(), &scores).await.map(drop)
}

/// Answers one message of a client.
#[wasm_bindgen]
pub fn handle(client: u32, message: JsValue) {
    let failed = |detail: String| Reply::Failed { id: None, why: FailureKind::Internal, detail };
    let Some(state) = STATE.get() else { return post(None, &failed("a message came before start".into())) };
    state.is_asked.set(true);
    let client = state.clients.get(client);
    let request: Request = match serde_wasm_bindgen::from_value(message.clone()) {
        Ok(request) => request,
        Err(error) => return client.post(&failed(format!("unreadable message: {error}"))),
    };
    match request {
        Request::Photo { photo, width, height } => {
            if let Err(error) = take_photo(&client, photo, (width, height), &message) {
                client.post(&failed(error));
            }
        }
        Request::Run { id, photo, systems, inside, again, closer, kept } => {
            client.newest.set(id);
            spawn_local(work(state, client, id, photo, Job::Run { systems, inside, again, closer, kept }));
        }
        Request::Ask { id, photo, system, question } => {
            client.asked.set(id);
            spawn_local(work(state, client, id, photo, Job::Ask { system, question }));
        }
        Request::Cancel { id } => {
            // Ids grow, so "one more" overtakes the run without being a run itself.
            if client.newest.get() == id {
                client.newest.set(id + 1);
            }
        }
        Request::RunKernels { by, rounds, seed } => spawn_local(run_kernels(state, client, by, rounds, seed)),
        Request::TimeNetwork => spawn_local(time_network(state, client)),
        Request::TimeLayers { rounds } => spawn_local(time_layers(state, client, rounds)),
        Request::LoseDevice => state.engine.lose(),
    }
}

/// Forgets a client that is gone.
#[wasm_bindgen]
pub fn leave(client: u32) {
    if let Some(state) = STATE.get() {
        state.clients.leave(client);
    }
}

/// Keeps the pixels that lie beside the message.
fn take_photo(client: &Client, id: u32, (width, height): (u32, u32), message: &JsValue) -> Result<(), String> {
    let pixels = Reflect::get(message, &"pixels".into()).unwrap_or_default();
    let photo =
        Photo::from_rgba(width, height, Uint8Array::new(&pixels).to_vec()).map_err(|error| error.to_string())?;
    *client.photo.borrow_mut() = Some(PhotoContext::new(id, photo));
    Ok(())
}

/// A panic ends the module without settling any promise: the page is told first.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let why = if lost::is_lost() { FailureKind::DeviceLost } else { FailureKind::Internal };
        post(None, &Reply::Failed { id: None, why, detail: info.to_string() });
    }));
}
