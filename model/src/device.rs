//! Errors of a run, reading back from the device, and timing: a leaf that every room may import.

use burn::tensor::{DType, Device, ExecutionError, Tensor, Transaction};
use web_time::Instant;

/// Why a run ended without its result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run was cancelled.
    #[error("the run was cancelled")]
    Cancelled,
    /// The device could not finish.
    #[error("the device stopped while the network ran ({0})")]
    Device(String),
    /// The network's output has numbers that are not finite: the device computed wrong.
    #[error("the network's output is not finite: this device computes wrong")]
    NotFinite,
}

impl From<ExecutionError> for RunError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(format!("{error:?}"))
    }
}

/// Reads tensors in one submission and one wait.
///
/// # Returns
/// Their values, row-major, in the order given.
///
/// # Errors
/// When the device fails, or a number is not finite.
pub async fn read<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<Vec<f32>>, RunError> {
    let transaction = tensors.into_iter().fold(Transaction::default(), |transaction, t| transaction.register(t));
    let data = transaction.execute_async().await?;
    data.into_iter()
        .map(|data| {
            // Networks may be in float16.
            let values = data.convert_dtype(DType::F32).try_into_vec::<f32>().map_err(|_| RunError::NotFinite)?;
            if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(RunError::NotFinite) }
        })
        .collect()
}

/// Waits for a tensor: reads one number of it.
///
/// # Errors
/// When the device fails, or the number is not finite.
pub async fn wait_for(tensor: &Tensor<4>) -> Result<(), RunError> {
    read(vec![tensor.clone().slice([0..1, 0..1, 0..1, 0..1])]).await.map(drop)
}

/// Whether the device queues work and does it later, as GPUs do: then a clock tells how long queuing took, unless somebody
/// waits.
#[must_use]
#[cfg_attr(not(feature = "cpu"), expect(unused_variables, reason = "the only device that is not"))]
pub fn is_asynchronous(device: &Device) -> bool {
    #[cfg(feature = "cpu")]
    if *device == Device::flex() {
        return false;
    }
    true
}

/// Milliseconds between two moments.
#[must_use]
pub fn ms(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}
