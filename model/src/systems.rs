//! One file a system of the lecture, each a short composition of the rooms above.

pub mod caption;
pub mod faster_rcnn;
pub mod localize;
pub mod mask;
pub mod pose;
pub mod segment;
pub mod ssd;

use burn::tensor::DType;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The device could not finish.
    #[error("the device stopped while the network ran ({0})")]
    Device(String),
    /// The network's output has numbers that are not finite: the device computed wrong.
    #[error("the network's output is not finite: this device computes wrong")]
    NotFinite,
}

impl From<burn::tensor::ExecutionError> for RunError {
    fn from(error: burn::tensor::ExecutionError) -> Self {
        Self::Device(format!("{error:?}"))
    }
}

/// Reads tensors in one go: one submission, one wait.
///
/// # Returns
/// Their values, row-major, in the order given.
pub(crate) async fn read<const D: usize>(tensors: Vec<burn::tensor::Tensor<D>>) -> Result<Vec<Vec<f32>>, RunError> {
    let transaction =
        tensors.into_iter().fold(burn::tensor::Transaction::default(), |transaction, t| transaction.register(t));
    let data = transaction.execute_async().await?;
    data.into_iter()
        .map(|data| {
            // Networks may be in float16.
            let numbers = data.convert_dtype(DType::F32).try_into_vec::<f32>().map_err(|_| RunError::NotFinite)?;
            if numbers.iter().all(|v| v.is_finite()) { Ok(numbers) } else { Err(RunError::NotFinite) }
        })
        .collect()
}

/// Milliseconds between two moments.
fn ms(from: web_time::Instant, to: web_time::Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}
