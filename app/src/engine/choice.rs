//! Which backend runs the network, and why.

use js_sys::{Function, Promise, Reflect};
use lookout_protocol::Backend;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Why a backend was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The visitor asked for it, in the page or in the address.
    Asked,
    /// The browser offers a hardware GPU.
    Hardware,
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
            Why::Hardware => ", because this browser offers one",
            Why::NoWebGpu => ", because this browser has no WebGPU",
            Why::NoAdapter => ", because this browser offers no GPU",
            Why::Software => ", because there is no hardware GPU",
            Why::GpuFailed => ", because the GPU failed",
        };
        format!("{place}{reason}")
    }
}

/// Chooses: what the visitor asked for, else the GPU if it is a real one, else the CPU.
pub async fn choose(asked: Option<Backend>) -> Choice {
    if let Some(backend) = asked {
        return Choice { backend, why: Why::Asked };
    }
    let why = look_for_gpu().await;
    let backend = if why == Why::Hardware { Backend::Gpu } else { Backend::Cpu };
    Choice { backend, why }
}

/// What `navigator.gpu` offers. Read by name: web-sys has WebGPU only behind an unstable flag.
async fn look_for_gpu() -> Why {
    let navigator = leptos::prelude::window().navigator();
    let Some(gpu) = property(&navigator, "gpu") else { return Why::NoWebGpu };
    let Some(request) = property(&gpu, "requestAdapter").and_then(|it| it.dyn_into::<Function>().ok()) else {
        return Why::NoWebGpu;
    };
    let Ok(promise) = request.call0(&gpu).and_then(|it| it.dyn_into::<Promise>()) else { return Why::NoAdapter };
    match JsFuture::from(promise).await {
        Ok(adapter) if adapter.is_object() => {
            // `info.isFallbackAdapter` is the standard's place; older browsers have it on the adapter.
            let in_info = property(&adapter, "info").and_then(|info| property(&info, "isFallbackAdapter"));
            let fallback = in_info.or_else(|| property(&adapter, "isFallbackAdapter"));
            if fallback.is_some_and(|it| it.is_truthy()) { Why::Software } else { Why::Hardware }
        }
        _ => Why::NoAdapter,
    }
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name)).ok().filter(|it| !it.is_undefined() && !it.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_backend_and_the_reason() {
        let line = Choice { backend: Backend::Cpu, why: Why::NoWebGpu }.sentence();
        assert_eq!(line, "Runs on the CPU, because this browser has no WebGPU");
        assert_eq!(Choice { backend: Backend::Gpu, why: Why::Asked }.sentence(), "Runs on the GPU, as you chose");
    }
}
