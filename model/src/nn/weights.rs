//! Named tensors in burn's own file format (burnpack), stored in float16 or in ten or twelve bits ([`crate::pack::levels`]) and widened while
//! loading.
//!
//! The files are made from the packaged TensorFlow.js graphs by the binary `convert` (see [`crate::pack`]), and by training
//! (see [`Pack`]).

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use burn::tensor::{Bytes, DType, Device, Tensor};
use half::f16;

use crate::ops::{PackedWeights, tensor_from};

mod collect;
mod untrained;

use crate::pack::levels::{Bits, Levels, scales_name};
pub use crate::pack::{Pack, PackError};
use untrained::Untrained;

/// Error of reading weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file is not a burnpack file, or is cut short.
    #[error("the weights file is damaged ({0})")]
    Damaged(String),
    /// A tensor is missing.
    #[error("the weights file has no tensor named {0}")]
    Missing(String),
    /// A tensor has another shape than the network.
    #[error("tensor {name} has shape {found:?}, the network needs {wanted:?}")]
    Shape {
        /// The tensor's name.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape that the network needs.
        wanted: Vec<usize>,
    },
    /// A tensor has a type that weights are not stored in.
    #[error("tensor {name} has type {dtype}")]
    Type {
        /// The tensor's name.
        name: String,
        /// Its type.
        dtype: String,
    },
}

/// The tensors of one network, by name.
pub struct Weights {
    source: Source,
}

/// Source of a network's tensors.
enum Source {
    /// A file: its tensors, and the texts beside them.
    File { tensors: HashMap<String, burn_pack::Tensor>, notes: BTreeMap<String, String> },
    /// No file: a network before training gets random tensors of the shapes that it asks for.
    Untrained(RefCell<Untrained>),
    /// A network that starts from some tensors of a file.
    Partial(HashMap<String, burn_pack::Tensor>, RefCell<Untrained>),
}

/// A network that is loaded from one weights file.
pub trait Network: Send + Sync + Sized + 'static {
    /// Loads the network onto a device.
    ///
    /// # Errors
    /// When the bytes are damaged or another network's.
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError>;
}

impl Weights {
    /// Reads a burnpack file that is wholly in memory.
    ///
    /// # Errors
    /// [`WeightsError::Damaged`] when it is not one.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, WeightsError> {
        let damaged = |error: burn_pack::Error| WeightsError::Damaged(error.to_string());
        let reader = burn_pack::Reader::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(damaged)?;
        let notes = reader.metadata().clone();
        let tensors = reader.into_tensors().map_err(damaged)?;
        let tensors = tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        Ok(Self { source: Source::File { tensors, notes } })
    }

    /// Weights for a network before its training: random by the rule of He et al. 2015 ("Delving Deep into
    /// Rectifiers"), biases 0, so that a network has one way to be made.
    ///
    /// # Arguments
    /// * `seed` - the same seed gives the same numbers to the same network.
    #[must_use]
    pub fn untrained(seed: u64) -> Self {
        Self { source: Source::Untrained(RefCell::new(Untrained::new(seed))) }
    }

    /// These weights, with what they lack or have in another shape as in [`Weights::untrained`]: for a head that starts from
    /// another one's parts.
    #[must_use]
    pub fn or_untrained(self, seed: u64) -> Self {
        match self.source {
            Source::File { tensors, .. } => {
                Self { source: Source::Partial(tensors, RefCell::new(Untrained::new(seed))) }
            }
            source => Self { source },
        }
    }

    /// The shape that a tensor has in the file; `None` when it is not there, or when nothing is there yet.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        match &self.source {
            Source::File { tensors, .. } | Source::Partial(tensors, _) => {
                tensors.get(name).map(|tensor| tensor.shape.to_vec())
            }
            Source::Untrained(_) => None,
        }
    }

    /// Whether the file has a tensor in less than float32: checkpoints round none.
    #[must_use]
    pub fn is_rounded(&self, name: &str) -> bool {
        match &self.source {
            Source::File { tensors, .. } | Source::Partial(tensors, _) => {
                tensors.get(name).is_some_and(|tensor| tensor.dtype != DType::F32)
            }
            Source::Untrained(_) => false,
        }
    }

    /// A text that the file holds beside its tensors, e.g. the words of a language model.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] when there is none under that key.
    pub fn note(&self, key: &str) -> Result<&str, WeightsError> {
        match &self.source {
            Source::File { notes, .. } => notes.get(key).map(String::as_str),
            Source::Untrained(_) | Source::Partial(..) => None,
        }
        .ok_or_else(|| WeightsError::Missing(key.to_owned()))
    }

    /// A number that the file holds beside its tensors, e.g. a measure.
    ///
    /// # Errors
    /// As [`Weights::note`], and [`WeightsError::Damaged`] when the text is no number.
    pub fn number(&self, key: &str) -> Result<f32, WeightsError> {
        self.note(key)?.parse().map_err(|_| WeightsError::Damaged(format!("{key} is no number")))
    }

    /// The values of a tensor in float32, row-major, with their shape.
    ///
    /// # Errors
    /// When the tensor is missing, damaged or of another type.
    pub fn values(&self, name: &str) -> Result<(Vec<f32>, Vec<usize>), WeightsError> {
        let missing = || WeightsError::Missing(name.to_owned());
        // An untrained network has shapes only once it asks for them (see [`Weights::tensor`]).
        let (Source::File { tensors, .. } | Source::Partial(tensors, _)) = &self.source else { return Err(missing()) };
        let tensor = tensors.get(name).ok_or_else(missing)?;
        let values = match tensor.dtype {
            DType::F16 => read(tensor, |b| f16::from_le_bytes(b).to_f32())?,
            DType::F32 => read(tensor, f32::from_le_bytes)?,
            DType::I8 => read_levels(tensors, name)?.values().ok_or_else(|| unfitting(name))?,
            other => return Err(WeightsError::Type { name: name.to_owned(), dtype: format!("{other:?}") }),
        };
        Ok((values, tensor.shape.to_vec()))
    }

    /// A tensor on a device, in the precision that networks have there (see [`tensor_from`]).
    ///
    /// # Errors
    /// When the tensor is missing, damaged, of another type, or not of shape `wanted`.
    pub fn tensor<const D: usize>(
        &self,
        name: &str,
        wanted: [usize; D],
        device: &Device,
    ) -> Result<Tensor<D>, WeightsError> {
        let untrained = match &self.source {
            Source::Untrained(untrained) => Some(untrained),
            Source::Partial(tensors, untrained) => {
                tensors.get(name).is_none_or(|tensor| tensor.shape[..] != wanted[..]).then_some(untrained)
            }
            Source::File { .. } => None,
        };
        if let Some(untrained) = untrained {
            let values = untrained.borrow_mut().values(name, &wanted);
            return Ok(tensor_from(values, wanted, device));
        }
        let (values, found) = self.values(name)?;
        if found != wanted {
            return Err(WeightsError::Shape { name: name.to_owned(), found, wanted: wanted.to_vec() });
        }
        Ok(tensor_from(values, wanted, device))
    }

    /// The weight of a 1x1 convolution on a device; levels stay levels where its kernels read them.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn packed(&self, name: &str, wanted: [usize; 2], device: &Device) -> Result<PackedWeights, WeightsError> {
        if let Source::File { tensors, .. } = &self.source
            && let Some(tensor) = tensors.get(name)
            && (tensor.dtype, &tensor.shape[..]) == (DType::I8, &wanted[..])
        {
            let stored = read_levels(tensors, name)?;
            let levels =
                stored.levels().filter(|it| it.len() == wanted[0] * wanted[1] && stored.scales.len() == wanted[1]);
            let levels = levels.ok_or_else(|| unfitting(name))?;
            return Ok(PackedWeights::from_levels(&levels, stored.scales, wanted, device));
        }
        Ok(self.tensor(name, wanted, device)?.into())
    }
}

/// A tensor that is stored as levels.
fn read_levels(tensors: &HashMap<String, burn_pack::Tensor>, name: &str) -> Result<Levels, WeightsError> {
    let part = |name: String| tensors.get(&name).ok_or(WeightsError::Missing(name));
    let fine = tensors.contains_key(&Bits::Twelve.lower_name(name));
    let bits = if fine { Bits::Twelve } else { Bits::Ten };
    Ok(Levels {
        bits,
        upper: read(part(name.to_owned())?, i8::from_le_bytes)?,
        lower: read(part(bits.lower_name(name))?, u8::from_le_bytes)?,
        scales: read(part(scales_name(name))?, f32::from_le_bytes)?,
    })
}

fn unfitting(name: &str) -> WeightsError {
    WeightsError::Damaged(format!("the parts of {name} do not fit"))
}

/// The numbers of a stored tensor, each of `N` bytes.
fn read<T, const N: usize>(tensor: &burn_pack::Tensor, number: fn([u8; N]) -> T) -> Result<Vec<T>, WeightsError> {
    let bytes = tensor.to_bytes().map_err(|error| WeightsError::Damaged(error.to_string()))?;
    let (numbers, _) = bytes.as_chunks::<N>();
    Ok(numbers.iter().map(|&bytes| number(bytes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Vec<u8> {
        let bytes: Vec<u8> = [1.0f32, -2.5].iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        let tensor = burn_pack::Tensor::new("a.weight".into(), DType::F16, [2], None, Bytes::from_bytes_vec(bytes));
        burn_pack::Writer::new(vec![tensor]).into_bytes().expect("a tensor of two numbers fits").to_vec()
    }

    #[test]
    fn half_widens() {
        let weights = Weights::from_bytes(pack()).unwrap();
        assert_eq!(weights.values("a.weight").unwrap(), (vec![1.0, -2.5], vec![2]));
    }

    #[test]
    fn levels_widen_and_their_parts_are_missed() {
        let mut pack = Pack::compact();
        pack.add("a.weight".into(), &[2, 2], &[511.0, -1.0, -3.0, 0.25]).unwrap();
        pack.add("a.bias".into(), &[2], &[0.1, 1e-9]).unwrap();
        let weights = Weights::from_bytes(pack.into_bytes().unwrap()).unwrap();
        let (values, shape) = weights.values("a.weight").unwrap();
        assert_eq!((&values[..3], &shape[..]), (&[511.0, -1.0, -3.0][..], &[2, 2][..]));
        assert!((values[3] - 0.25).abs() < 0.001, "{}", values[3]);
        assert_eq!(weights.values("a.bias").unwrap().0, [0.1, 1e-9], "one number moves a whole channel");

        let packed = weights.packed("a.weight", [2, 2], &Device::flex()).unwrap().unpack();
        assert_eq!(packed.into_data().try_into_vec::<f32>().unwrap(), values);
        let mut pack = Pack::compact().with_half_up_to(3);
        pack.add("small".into(), &[3, 1], &[511.0, 0.25, -3.0]).unwrap();
        let small = Weights::from_bytes(pack.into_bytes().unwrap()).unwrap();
        assert_eq!(small.values("small").unwrap().0, [511.0, 0.25, -3.0], "float16 holds all three");

        let mut pack = Pack::compact().with_twelve_bits(|name, numbers| name.starts_with('a') && numbers <= 4);
        pack.add("a.weight".into(), &[2, 2], &[2047.0, -1.0, -3.0, 0.25]).unwrap();
        pack.add("b.weight".into(), &[4], &[1.0; 4]).unwrap();
        let fine = Weights::from_bytes(pack.into_bytes().unwrap()).unwrap();
        let values = fine.values("a.weight").unwrap().0;
        assert!(values[0] == 2047.0 && values[2] == -3.0 && (values[3] - 0.25).abs() < 0.0003, "{values:?}");
        let packed = fine.packed("a.weight", [2, 2], &Device::flex()).unwrap().unpack();
        assert_eq!(packed.into_data().try_into_vec::<f32>().unwrap(), values);

        let other = weights.packed("a.weight", [1, 4], &Device::flex());
        assert!(matches!(other, Err(WeightsError::Shape { .. })));

        let alone = burn_pack::Tensor::new("b".into(), DType::I8, [2], None, Bytes::from_bytes_vec(vec![1, 2]));
        let bytes = burn_pack::Writer::new(vec![alone]).into_bytes().unwrap().to_vec();
        let found = Weights::from_bytes(bytes).unwrap().values("b");
        assert!(matches!(found, Err(WeightsError::Missing(name)) if name == "b.lower"));
    }

    #[test]
    fn wrong_files_are_errors() {
        assert!(matches!(Weights::from_bytes(b"not weights at all".to_vec()), Err(WeightsError::Damaged(_))));
        let mut cut = pack();
        cut.truncate(cut.len() - 2);
        assert!(Weights::from_bytes(cut).and_then(|weights| weights.values("a.weight")).is_err());
        let weights = Weights::from_bytes(pack()).unwrap();
        assert!(matches!(weights.values("b"), Err(WeightsError::Missing(_))));
        let wrong = weights.tensor("a.weight", [3], &Device::flex());
        assert!(matches!(wrong, Err(WeightsError::Shape { .. })));
    }
}
