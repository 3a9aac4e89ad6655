//! The worker: owns the device, the weights and every tensor, and answers the requests of pages: of the one that has started it,
//! and of frames beside that one which have joined.
//!
//! Built three times, with the feature `cpu`, `cpu-relaxed` or `gpu`; `www/worker.js` loads the one that the page asks for
//! (of the two for the CPU, the one that this browser can load), fetches the weights beside it, calls `worker::start` once and
//! then `worker::handle` for every message.
//!
//! Natively there are the tests of what needs no browser, and nothing else.
#![cfg(any(test, all(target_arch = "wasm32", any(feature = "cpu", feature = "gpu"))))]

#[cfg(all(feature = "cpu", feature = "gpu"))]
compile_error!("a worker module is for one backend: choose the feature `cpu` or `gpu`");

mod turns;
#[cfg(target_arch = "wasm32")]
mod worker;
