//! Which backend runs the network, and why.

use js_sys::{Function, Promise};
use lookout_protocol::Backend;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::backend_cache::{Subject, recall};
use crate::js::property;

/// Why a backend was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The visitor asked for it, in the page or in the address.
    Asked,
    /// Both were timed here, now or at an earlier visit.
    Faster,
    /// The GPU is being timed beside it.
    Race,
    /// The browser has no WebGPU.
    NoWebGpu,
    /// The browser has WebGPU, but no adapter for it.
    NoAdapter,
    /// There is only a software adapter, which is slower than the CPU backend.
    Software,
    /// The GPU was tried and failed.
    GpuFailed,
}

/// A backend with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The backend.
    pub backend: Backend,
    /// The reason.
    pub why: Why,
}

impl Choice {
    /// The line that the page shows, e.g. "Runs on the CPU, because this browser has no WebGPU".
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = match self.backend {
            Backend::Gpu => "Runs on the GPU",
            Backend::Cpu => "Runs on the CPU",
        };
        let reason = match self.why {
            Why::Asked => ", as you chose",
            Why::Faster => ", because it was faster here",
            Why::Race => ", while the GPU is being tried",
            Why::NoWebGpu => ", because this browser has no WebGPU",
            Why::NoAdapter => ", because this browser offers no GPU",
            Why::Software => ", because there is no hardware GPU",
            Why::GpuFailed => ", because the GPU failed",
        };
        format!("{place}{reason}")
    }
}

/// Chooses: what the visitor asked for, else the CPU if there is no GPU, else what was faster here at an earlier visit.
///
/// # Returns
/// The choice; and what is to be tried beside it, if a GPU was never timed here with this build: the CPU answers meanwhile.
pub async fn choose(asked: Option<Backend>) -> (Choice, Option<Subject>) {
    if let Some(backend) = asked {
        return (Choice { backend, why: Why::Asked }, None);
    }
    let adapter = match look_for_gpu().await {
        Ok(adapter) => adapter,
        Err(why) => return (Choice { backend: Backend::Cpu, why }, None),
    };
    let subject = Subject::of(&adapter).await;
    match recall(&subject) {
        Some(backend) => (Choice { backend, why: Why::Faster }, None),
        None => (Choice { backend: Backend::Cpu, why: Why::Race }, Some(subject)),
    }
}

/// The hardware adapter that `navigator.gpu` offers, in words, or why there is none. Read by name: web-sys has WebGPU only
/// behind an unstable flag.
async fn look_for_gpu() -> Result<String, Why> {
    let navigator = leptos::prelude::window().navigator();
    let gpu = property(&navigator, "gpu").ok_or(Why::NoWebGpu)?;
    let request: Function = property(&gpu, "requestAdapter").and_then(|it| it.dyn_into().ok()).ok_or(Why::NoWebGpu)?;
    let promise: Promise = request.call0(&gpu).and_then(JsCast::dyn_into).map_err(|_| Why::NoAdapter)?;
    let adapter = JsFuture::from(promise).await.ok().filter(JsValue::is_object).ok_or(Why::NoAdapter)?;
    // `info.isFallbackAdapter` is the standard's place; older browsers have it on the adapter.
    let info = property(&adapter, "info");
    let in_info = info.as_ref().and_then(|info| property(info, "isFallbackAdapter"));
    if in_info.or_else(|| property(&adapter, "isFallbackAdapter")).is_some_and(|it| it.is_truthy()) {
        return Err(Why::Software);
    }
    let word = |name| info.as_ref().and_then(|info| property(info, name)?.as_string()).unwrap_or_default();
    Ok(["vendor", "architecture", "device", "description"].map(word).join(" ").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_backend_and_the_reason() {
        let line = Choice { backend: Backend::Cpu, why: Why::NoWebGpu }.sentence();
        assert_eq!(line, "Runs on the CPU, because this browser has no WebGPU");
        assert_eq!(Choice { backend: Backend::Gpu, why: Why::Asked }.sentence(), "Runs on the GPU, as you chose");
        let line = Choice { backend: Backend::Gpu, why: Why::Faster }.sentence();
        assert_eq!(line, "Runs on the GPU, because it was faster here");
    }
}
