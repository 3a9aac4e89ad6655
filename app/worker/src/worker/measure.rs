//! Measurements of the device, and its kernels' numbers for tests.

use std::{cell::Cell, rc::Rc};

use lookout_protocol::{Computer, Reply};
use model::{device::RunError, photo::Photo};

use super::{
    State,
    client::Client,
    device,
    failure::{Failure, of_run},
    page::now,
    work::take_turn,
};

/// Detections that [`time_network`] runs; the fastest counts, since what disturbs a run only makes it slower.
const TIMED_RUNS: usize = 4;

thread_local! {
    /// What [`time_network`] has found: the next frame of a page asks the same.
    static NETWORK_MS: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Answers [`lookout_protocol::Request::RunKernels`].
pub async fn run_kernels(state: &'static State, client: Rc<Client>, by: Computer, rounds: usize, seed: u32) {
    client.post(&match device::outcomes(&state.engine.device, by, rounds, u64::from(seed)).await {
        Ok((cuts, found)) => {
            Reply::Kernels { outcomes: found.into_iter().map(|one| (one.what, one.values)).collect(), cuts }
        }
        Err(failure) => failed(failure),
    });
}

/// Answers [`lookout_protocol::Request::TimeNetwork`].
pub async fn time_network(state: &'static State, client: Rc<Client>) {
    take_turn(state, &client, 0, 0, || true).await;
    let found = match NETWORK_MS.get() {
        Some(ms) => Ok(ms),
        None => fastest(state).await,
    };
    state.turns.borrow_mut().end();
    client.post(&match found {
        Ok(ms) => {
            NETWORK_MS.set(Some(ms));
            Reply::NetworkTime { ms }
        }
        Err(error) => failed(of_run(&error)),
    });
}

async fn fastest(state: &State) -> Result<f64, RunError> {
    let blank = Photo::from_rgba(1, 1, vec![255; 4]).expect("one pixel is four bytes");
    let mut best = f64::INFINITY;
    // The first run compiles and warms up.
    for _ in 0..TIMED_RUNS {
        let start = now();
        state.detector.detect(&blank, &state.engine.device).await?;
        best = best.min(now() - start);
    }
    Ok(best)
}

/// Answers [`lookout_protocol::Request::TimeLayers`].
pub async fn time_layers(state: &'static State, client: Rc<Client>, rounds: usize) {
    client.post(&match state.detector.time_layers(&state.engine.device, rounds).await {
        Ok(table) => Reply::Layers { table },
        Err(error) => failed(of_run(&error)),
    });
}

fn failed((why, detail): Failure) -> Reply {
    Reply::Failed { id: None, why, detail }
}
