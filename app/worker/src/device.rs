//! The device of this module's backend.

use lookout_protocol::{Backend, FailureKind};

#[cfg(feature = "cpu")]
mod chosen {
    use burn::tensor::Device;

    use super::{Backend, FailureKind};

    /// This module's backend.
    pub const BACKEND: Backend = Backend::Cpu;

    /// The device and what it is called.
    pub struct Engine {
        pub device: Device,
        pub description: String,
    }

    impl Engine {
        #[expect(clippy::unused_async, reason = "the GPU's twin waits for the browser")]
        pub async fn start() -> Result<Self, (FailureKind, String)> {
            let simd = if cfg!(feature = "cpu-relaxed") { "relaxed SIMD" } else { "SIMD" };
            Ok(Self { device: Device::flex(), description: format!("WebAssembly {simd}, 1 thread") })
        }

        /// A processor cannot be lost.
        #[expect(clippy::unused_self, reason = "the GPU's twin destroys its device")]
        pub fn lose(&self) {}
    }

    /// A processor cannot be lost.
    pub fn is_lost() -> bool {
        false
    }
}

#[cfg(feature = "gpu")]
mod chosen {
    use std::sync::atomic::{AtomicBool, Ordering};

    use burn::tensor::{Device, wgpu::WgpuSetup};
    use lookout_protocol::Reply;

    use super::{Backend, FailureKind};
    use crate::page::post;

    /// This module's backend.
    pub const BACKEND: Backend = Backend::Gpu;

    /// More tasks than any network here has: its commands go out in one submission.
    const TASKS: usize = 1024;

    static LOST: AtomicBool = AtomicBool::new(false);

    /// The device and what it is called.
    pub struct Engine {
        pub device: Device,
        pub description: String,
        setup: WgpuSetup,
    }

    impl Engine {
        pub async fn start() -> Result<Self, (FailureKind, String)> {
            let options = Device::wgpu_options().tasks_max(TASKS);
            let (device, setup) =
                options.init_with_setup_async().await.map_err(|error| (FailureKind::NoGpu, error.to_string()))?;
            setup.device.set_device_lost_callback(|_, detail| {
                LOST.store(true, Ordering::Relaxed);
                post(&Reply::Failed { id: None, why: FailureKind::DeviceLost, detail });
            });
            let info = setup.adapter.get_info();
            let name = [info.name, info.driver, info.driver_info].into_iter().find(|name| !name.is_empty());
            let description = name.unwrap_or_else(|| "WebGPU".into());
            Ok(Self { device, description, setup })
        }

        /// Destroys the device, as a driver reset would.
        pub fn lose(&self) {
            self.setup.device.destroy();
        }
    }

    /// Whether the browser has taken the device away.
    pub fn is_lost() -> bool {
        LOST.load(Ordering::Relaxed)
    }
}

pub use chosen::{BACKEND, Engine, is_lost};
