//! Files of weights: named tensors in burn's own format (burnpack), in float16 or in ten or twelve bits ([`levels`]), and the
//! TensorFlow.js graphs that some are made from ([`tfjs`]). Nothing here needs the networks: the converter is compiled in
//! seconds.

pub mod levels;
pub mod quantization;
#[cfg(feature = "convert")]
pub mod tfjs;

use std::collections::HashMap;

use burn_std::{Bytes, DType};
use half::f16;

use levels::{Bits, Levels};

/// Error of writing weights.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A shape does not hold its numbers.
    #[error("{name}: {shape:?} does not hold {values} numbers")]
    Shape {
        /// The tensor's name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Numbers that came with it.
        values: usize,
    },
    /// A number is not finite, or not in the type that it is stored in.
    #[error("{0} holds a number that is not finite or does not fit its type")]
    Number(String),
    /// The device did not hand the numbers out.
    #[error("{0} could not be read from the device")]
    Device(String),
    /// burnpack refused.
    #[error("the weights could not be packed ({0})")]
    Pack(String),
}

/// Tensors by our names, being collected.
#[derive(Default)]
pub struct Pack {
    tensors: Vec<burn_pack::Tensor>,
    notes: Vec<(String, String)>,
    /// Factors of the rows of some tensors.
    rows: HashMap<String, Vec<f32>>,
    /// Precision of weights but biases and depthwise filters.
    dense: Precision,
    /// Numbers of a weight up to which it is in float16 where others are in ten bits.
    half_up_to: usize,
    /// Which weights, by name and numbers, are in twelve bits where others are in ten.
    fine: Option<fn(&str, usize) -> bool>,
}

/// Precision of stored weights.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Precision {
    Float32,
    #[default]
    Float16,
    /// Whole levels.
    Levels(Bits),
}

impl Pack {
    /// A pack that stores everything in float32: for checkpoints.
    #[must_use]
    pub fn exact() -> Self {
        Self { dense: Precision::Float32, ..Self::default() }
    }

    /// A pack that stores weights in ten bits (see [`levels`]): for networks that visitors download.
    #[must_use]
    pub fn compact() -> Self {
        Self { dense: Precision::Levels(Bits::Ten), ..Self::default() }
    }

    /// The same pack with float16 for small tensors: they are few bytes, and what is rounded in early layers reaches all later
    /// ones.
    ///
    /// # Arguments
    /// * `most` - numbers of a small tensor.
    #[must_use]
    pub fn with_half_up_to(self, most: usize) -> Self {
        Self { half_up_to: most, ..self }
    }

    /// The same pack with twelve bits for some weights.
    ///
    /// # Arguments
    /// * `fine` - whether a weight is one of them, by its name and its numbers.
    #[must_use]
    pub fn with_twelve_bits(self, fine: fn(&str, usize) -> bool) -> Self {
        Self { fine: Some(fine), ..self }
    }

    /// Multiplies each row of a tensor that is added later by a factor of its own: a division of the inputs, folded
    /// into the weights `[in, out]` that read them.
    pub fn scale_rows(&mut self, name: impl Into<String>, factors: Vec<f32>) {
        self.rows.insert(name.into(), factors);
    }

    /// Adds a tensor.
    ///
    /// Weights of 2-D and 4-D, which are 95 % of the numbers, are stored in float16 or, in a compact pack, the larger ones in levels.
    /// Biases (1-D) and depthwise filters (3-D) stay in float32: each of them reaches a whole channel, and rounding
    /// them moves scores three times as far.
    ///
    /// # Errors
    /// When the shape is another one, or a number is not finite in the stored type.
    pub fn add(&mut self, name: String, shape: &[usize], values: &[f32]) -> Result<(), PackError> {
        if shape.iter().product::<usize>() != values.len() {
            return Err(PackError::Shape { name, shape: shape.to_vec(), values: values.len() });
        }
        let scaled: Vec<f32>;
        let values = match self.rows.get(&name) {
            Some(factors) if shape.first() == Some(&factors.len()) && !factors.is_empty() => {
                let rows = values.chunks_exact(values.len() / factors.len()).zip(factors);
                scaled = rows.flat_map(|(row, factor)| row.iter().map(move |value| value * factor)).collect();
                &scaled
            }
            Some(factors) => {
                return Err(PackError::Shape { name, shape: vec![factors.len()], values: values.len() });
            }
            None => values,
        };
        let precision = match self.dense {
            _ if matches!(shape.len(), 1 | 3) => Precision::Float32,
            Precision::Levels(_) if values.len() <= self.half_up_to => Precision::Float16,
            Precision::Levels(_) if self.fine.is_some_and(|fine| fine(&name, values.len())) => {
                Precision::Levels(Bits::Twelve)
            }
            dense => dense,
        };
        let fits =
            |v: &f32| if precision == Precision::Float16 { f16::from_f32(*v).is_finite() } else { v.is_finite() };
        if !values.iter().all(fits) {
            return Err(PackError::Number(name));
        }
        match precision {
            Precision::Float32 => self.push(name, DType::F32, shape, floats(values)),
            Precision::Float16 => {
                let bytes = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
                self.push(name, DType::F16, shape, bytes);
            }
            Precision::Levels(bits) => {
                let stored = Levels::of(values, shape[shape.len() - 1], bits);
                let bytes = stored.upper.iter().map(|&upper| upper as u8).collect();
                self.push(bits.lower_name(&name), DType::U8, &[stored.lower.len()], stored.lower);
                self.push(levels::scales_name(&name), DType::F32, &[stored.scales.len()], floats(&stored.scales));
                self.push(name, DType::I8, shape, bytes);
            }
        }
        Ok(())
    }

    fn push(&mut self, name: String, dtype: DType, shape: &[usize], bytes: Vec<u8>) {
        let tensor = burn_pack::Tensor::new(name, dtype, shape.to_vec(), None, Bytes::from_bytes_vec(bytes));
        self.tensors.push(tensor);
    }

    /// Adds a text beside the tensors (see `nn::weights::Weights::note`).
    pub fn note(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.notes.push((key.into(), text.into()));
    }

    /// The bytes of a burnpack file.
    ///
    /// # Errors
    /// When burnpack refuses, e.g. a name that is there twice.
    pub fn into_bytes(self) -> Result<Vec<u8>, PackError> {
        let writer = burn_pack::Writer::new(self.tensors);
        let writer = self.notes.iter().fold(writer, |writer, (key, text)| writer.with_metadata(key, text));
        Ok(writer.into_bytes().map_err(|error| PackError::Pack(error.to_string()))?.to_vec())
    }
}

/// Numbers as a file holds them.
fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
