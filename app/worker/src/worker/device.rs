//! The device of this module's backend.

use lookout_protocol::{Backend, FailureKind};
use model::ops::compare::Outcome;

use super::failure::Failure;

/// How many ways there are of cutting the kernels' work, and what came out.
type Outcomes = (usize, Vec<Outcome>);

fn no_cut(cut: usize) -> Failure {
    (FailureKind::Internal, format!("the kernels have no cut {cut}"))
}

#[cfg(feature = "cpu")]
mod chosen {
    use burn::tensor::Device;
    use lookout_protocol::Computer;
    use model::{
        device::RunError,
        ops::compare::{self, KERNELS, REFERENCES},
    };

    use super::{Backend, Failure, Outcomes, no_cut};
    use crate::worker::failure::of_run;

    /// This module's backend.
    pub const BACKEND: Backend = Backend::Cpu;

    /// The device and what it is called.
    pub struct Engine {
        pub device: Device,
        pub description: String,
    }

    impl Engine {
        #[expect(clippy::unused_async, reason = "the GPU's engine waits for the browser")]
        pub async fn start(_on_lost: impl Fn(String) + Send + Sync + 'static) -> Result<Self, Failure> {
            let simd = if cfg!(feature = "cpu-relaxed") { "relaxed SIMD" } else { "SIMD" };
            Ok(Self { device: Device::flex(), description: format!("WebAssembly {simd}, 1 thread") })
        }

        /// A processor has nothing to recall.
        #[expect(clippy::unused_async, clippy::needless_pass_by_ref_mut, reason = "as the GPU's engine")]
        pub async fn recall(&mut self, _known: Option<String>) -> Result<bool, RunError> {
            Ok(false)
        }

        /// A processor has nothing to tune.
        #[expect(clippy::unused_async, clippy::needless_pass_by_ref_mut, reason = "as the GPU's engine")]
        pub async fn tune(&mut self) -> Result<Option<String>, RunError> {
            Ok(None)
        }

        /// A processor cannot be lost.
        #[expect(clippy::unused_self, reason = "the GPU's engine destroys its device")]
        pub fn lose(&self) {}
    }

    /// The one way of cutting the work, and what came out.
    pub async fn outcomes(device: &Device, by: Computer, rounds: usize, seed: u64) -> Result<Outcomes, Failure> {
        let by = match by {
            Computer::Kernels { cut: 0 } => KERNELS,
            Computer::Kernels { cut } => return Err(no_cut(cut)),
            Computer::Burn => REFERENCES,
        };
        let found = compare::outcomes(device, by, rounds, seed).await;
        Ok((1, found.map_err(|error| of_run(&error))?))
    }
}

#[cfg(feature = "gpu")]
mod chosen {
    use burn::tensor::{Device, wgpu::WgpuSetup};
    use lookout_protocol::Computer;
    use model::{
        device::RunError,
        ops::{
            autotune::{self, Tuning},
            compare::{self, KERNELS},
            gpu::{
                storage,
                tiling::{self, TILINGS},
            },
        },
    };

    use super::{Backend, Failure, FailureKind, Outcomes, no_cut};
    use crate::worker::{failure::of_run, lost};

    /// This module's backend.
    pub const BACKEND: Backend = Backend::Gpu;

    /// More tasks than any network here has: its commands go out in one submission.
    const TASKS: usize = 1024;

    /// The device and what it is called.
    pub struct Engine {
        pub device: Device,
        pub description: String,
        setup: WgpuSetup,
    }

    impl Engine {
        pub async fn start(on_lost: impl Fn(String) + Send + Sync + 'static) -> Result<Self, Failure> {
            let options = Device::wgpu_options().tasks_max(TASKS);
            let (device, setup) =
                options.init_with_setup_async().await.map_err(|error| (FailureKind::NoGpu, error.to_string()))?;
            setup.device.set_device_lost_callback(move |_, detail| {
                lost::mark();
                on_lost(detail);
            });
            let info = setup.adapter.get_info();
            let name = [info.name, info.driver, info.driver_info].into_iter().find(|name| !name.is_empty());
            let description = name.unwrap_or_else(|| "WebGPU".into());
            Ok(Self { device, description, setup })
        }

        /// Has the kernels work as was found best for this device at an earlier visit.
        ///
        /// # Returns
        /// Whether that is known, and the device computes right so.
        pub async fn recall(&mut self, known: Option<String>) -> Result<bool, RunError> {
            let known = known.and_then(|it| it.strip_prefix(&self.description)?.strip_prefix('\n')?.parse().ok());
            let is_recalled = match known {
                Some(choice) => Tuning::adopt(choice, &self.device).await?,
                None => false,
            };
            if is_recalled {
                self.describe();
            }
            Ok(is_recalled)
        }

        /// Finds out how the kernels work best on this device.
        ///
        /// # Returns
        /// What is worth knowing at later visits: the device's name and the choice.
        pub async fn tune(&mut self) -> Result<Option<String>, RunError> {
            autotune::choose_by_timing(&self.device).await?;
            let found = format!("{}\n{}", self.description, Tuning::current());
            self.describe();
            Ok(Some(found))
        }

        fn describe(&mut self) {
            if storage::is_half() {
                self.description += ", float16";
            }
        }

        /// Destroys the device, as a driver reset would.
        pub fn lose(&self) {
            self.setup.device.destroy();
        }
    }

    /// The ways of cutting the work, and what came out with one of them; the one in use stays in use.
    pub async fn outcomes(device: &Device, by: Computer, rounds: usize, seed: u64) -> Result<Outcomes, Failure> {
        let cut = match by {
            Computer::Kernels { cut } if cut < TILINGS.len() => cut,
            Computer::Kernels { cut } => return Err(no_cut(cut)),
            Computer::Burn => return Err((FailureKind::Internal, "this module has no operations but kernels".into())),
        };
        let before = tiling::index();
        tiling::choose(cut);
        let found = compare::outcomes(device, KERNELS, rounds, seed).await;
        tiling::choose(before);
        Ok((TILINGS.len(), found.map_err(|error| of_run(&error))?))
    }
}

pub use chosen::{BACKEND, Engine, outcomes};
