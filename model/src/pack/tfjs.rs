//! Reads TensorFlow.js graph models: `model.json` (nodes and the table of weights) and its shards.

use std::{collections::HashMap, path::Path};

use half::f16;
use serde::Deserialize;

/// Error of reading a graph.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// A file could not be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// `model.json` is not what it should be.
    #[error("model.json is not a TensorFlow.js graph: {0}")]
    Json(#[from] serde_json::Error),
    /// The shards hold fewer bytes than the table says.
    #[error("the shards end before weight {0}")]
    Short(String),
    /// A weight has a type this reader does not know.
    #[error("weight {name} has type {dtype}")]
    Type {
        /// The weight.
        name: String,
        /// Its type.
        dtype: String,
    },
    /// A weight is missing.
    #[error("the graph has no weight named {0}")]
    Missing(String),
}

#[derive(Deserialize)]
struct ModelJson {
    #[serde(rename = "weightsManifest")]
    manifest: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
}

/// A constant of the graph: row-major values and their shape. Integers are widened to float32.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The values.
    pub values: Vec<f32>,
    /// The shape; convolution weights are `[height, width, in, out]`, depthwise ones `[height, width, channels, 1]`.
    pub shape: Vec<usize>,
}

/// The constants of a TensorFlow.js graph model, by name.
pub struct Graph {
    constants: HashMap<String, Constant>,
}

impl Graph {
    /// Reads `model.json` and the shards beside it.
    ///
    /// # Errors
    /// [`GraphError`] names the file or the weight.
    pub fn open(path: &Path) -> Result<Self, GraphError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| GraphError::File { path: path.display().to_string(), source })
        };
        let model: ModelJson = serde_json::from_slice(&read(path)?)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut constants = HashMap::new();
        for group in model.manifest {
            let mut bytes = Vec::new();
            for shard in &group.paths {
                bytes.extend(read(&folder.join(shard))?);
            }
            read_group(&group.weights, &bytes, &mut constants)?;
        }
        Ok(Self { constants })
    }

    /// A constant.
    ///
    /// # Errors
    /// [`GraphError::Missing`].
    pub fn constant(&self, name: &str) -> Result<&Constant, GraphError> {
        self.constants.get(name).ok_or_else(|| GraphError::Missing(name.to_owned()))
    }

    /// All names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.constants.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// Cuts one group's bytes into its constants.
fn read_group(entries: &[Entry], bytes: &[u8], constants: &mut HashMap<String, Constant>) -> Result<(), GraphError> {
    let mut at = 0;
    for entry in entries {
        let stored = entry.quantization.as_ref().map_or(entry.dtype.as_str(), |q| q.dtype.as_str());
        let size = match stored {
            "float32" | "int32" => 4,
            "float16" => 2,
            other => return Err(GraphError::Type { name: entry.name.clone(), dtype: other.to_owned() }),
        };
        let end = at + size * entry.shape.iter().product::<usize>();
        let raw = bytes.get(at..end).ok_or_else(|| GraphError::Short(entry.name.clone()))?;
        let values = raw.chunks_exact(size).map(|b| number(stored, b)).collect();
        constants.insert(entry.name.clone(), Constant { values, shape: entry.shape.clone() });
        at = end;
    }
    Ok(())
}

/// One little-endian number of a type that `read_group` has checked.
fn number(dtype: &str, b: &[u8]) -> f32 {
    match dtype {
        "float16" => f16::from_le_bytes([b[0], b[1]]).to_f32(),
        // Integers here are shapes and axes: small enough to be exact in float32.
        "int32" => i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as f32,
        _ => f32::from_le_bytes([b[0], b[1], b[2], b[3]]),
    }
}
