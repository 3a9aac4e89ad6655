//! Where joint training of classification + localization starts: the end of the detector's backbone, and heads that have
//! been trained while it was frozen.

use burn::tensor::Device;

use super::TrainError;
use crate::{
    backbone::{BackboneTail, MobileNetV2},
    nn::weights::{Pack, Weights},
};

/// Makes the weights that joint training starts from, in float32.
///
/// # Arguments
/// * `backbone` - its end is where the heads' own starts, unless `finished` has one.
/// * `finished` - a finished file of heads, and its name; without one the heads start as random numbers.
/// * `vector` - numbers of the shared vector: where the file has more, those that the heads read most are kept.
///
/// # Errors
/// When the file lacks a tensor or is a checkpoint, or its numbers cannot be stored.
pub fn beginning(
    backbone: &MobileNetV2,
    finished: Option<(&Weights, &str)>,
    vector: usize,
) -> Result<Vec<u8>, TrainError> {
    let mut pack = Pack::exact();
    let mut tail = backbone.tail();
    if let Some((weights, name)) = finished {
        if weights.shape("tail.top.weight").is_some() {
            tail = BackboneTail::load(weights, "tail", &Device::flex())?;
        } else if !weights.is_rounded("squeeze.weight") {
            // A checkpoint's reads maps that are divided by their spread.
            return Err(TrainError::Checkpoint(name.to_owned()));
        }
        add_heads(&mut pack, weights, vector)?;
    }
    pack.add_module("tail", &tail)?;
    Ok(pack.into_bytes()?)
}

/// Adds the heads with a vector of at most so many numbers.
fn add_heads(pack: &mut Pack, weights: &Weights, vector: usize) -> Result<(), TrainError> {
    let kept = most_read(weights, vector)?;
    for (name, narrowed) in [("squeeze", None), ("vector", Some(1)), ("class", Some(0)), ("corners", Some(0))] {
        let name = format!("{name}.weight");
        let (values, mut shape) = weights.values(&name)?;
        let width = shape.last().copied().unwrap_or(1);
        let values = match narrowed {
            Some(0) => kept.iter().flat_map(|&row| &values[row * width..][..width]).copied().collect(),
            Some(_) => values.chunks_exact(width).flat_map(|row| kept.iter().map(move |&column| row[column])).collect(),
            None => values,
        };
        narrowed.into_iter().for_each(|axis| shape[axis] = kept.len());
        pack.add(name, &shape, &values)?;
    }
    for name in ["squeeze.bias", "vector.bias", "class.bias", "corners.bias"] {
        let (values, shape) = weights.values(name)?;
        if name == "vector.bias" {
            let values: Vec<f32> = kept.iter().map(|&it| values[it]).collect();
            pack.add(name.to_owned(), &[values.len()], &values)?;
        } else {
            pack.add(name.to_owned(), &shape, &values)?;
        }
    }
    Ok(())
}

/// The numbers of the vector that the heads read with the largest weights, in their order.
fn most_read(weights: &Weights, count: usize) -> Result<Vec<usize>, TrainError> {
    let mut reach = Vec::new();
    for name in ["class.weight", "corners.weight"] {
        let (values, shape) = weights.values(name)?;
        let all: f32 = values.iter().map(|it| it * it).sum();
        let rows = values.chunks_exact(shape.last().copied().unwrap_or(1).max(1));
        reach.resize(reach.len().max(rows.len()), 0.0f32);
        // Each head counts as much as the other.
        rows.zip(&mut reach).for_each(|(row, sum)| *sum += row.iter().map(|it| it * it).sum::<f32>() / all);
    }
    let mut order: Vec<usize> = (0..reach.len()).collect();
    order.sort_by(|&a, &b| reach[b].total_cmp(&reach[a]));
    order.truncate(count);
    order.sort_unstable();
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heads::locate::{LocateHead, Sizes};

    fn packed(mut pack: Pack, head: &LocateHead) -> Weights {
        pack.add_module("", head).expect("finite numbers");
        Weights::from_bytes(pack.into_bytes().expect("names are there once")).expect("just packed")
    }

    #[test]
    fn it_starts_with_the_backbone_s_end_and_the_heads() {
        let (device, fits) = (Device::flex(), "untrained weights have every shape");
        let backbone = MobileNetV2::load(&Weights::untrained(1), "backbone", &device).expect(fits);
        let sizes = Sizes { vector: 8, boxes: 1 };
        let head = LocateHead::with_sizes(&Weights::untrained(2), "", sizes, &device).expect(fits);
        let finished = packed(Pack::default(), &head);
        let start = beginning(&backbone, Some((&finished, "heads")), 5).expect("a finished file");
        let start = Weights::from_bytes(start).expect("just packed");
        let kept = most_read(&finished, 5).expect("both heads are there");
        assert_eq!(kept.len(), 5);
        let (old, _) = finished.values("class.weight").expect("it was packed");
        let (new, shape) = start.values("class.weight").expect("it was packed");
        assert_eq!((shape, &new[..21]), (vec![5, 21], &old[kept[0] * 21..][..21]));
        let (old, _) = finished.values("vector.weight").expect("it was packed");
        let (new, shape) = start.values("vector.weight").expect("it was packed");
        assert_eq!((shape, new[5]), (vec![6400, 5], old[8 + kept[0]]));
        assert!(LocateHead::load(&start, "", &device).is_ok(), "with its tail");
        let checkpoint = packed(Pack::exact(), &head);
        let refused = beginning(&backbone, Some((&checkpoint, "best.bpk")), 5);
        assert!(matches!(refused, Err(TrainError::Checkpoint(name)) if name == "best.bpk"));
        let random = Weights::from_bytes(beginning(&backbone, None, 5).expect("no file")).expect("just packed");
        assert!(random.shape("tail.top.weight").is_some() && random.shape("squeeze.weight").is_none());
    }

    #[test]
    fn the_largest_weights_count() {
        let mut pack = Pack::exact();
        pack.add("class.weight".into(), &[3, 2], &[0.0, 1.0, 3.0, 0.0, 0.5, 0.5]).expect("finite numbers");
        pack.add("corners.weight".into(), &[3, 1], &[0.1, 0.0, 2.0]).expect("finite numbers");
        let weights = Weights::from_bytes(pack.into_bytes().expect("names are there once")).expect("just packed");
        assert_eq!(most_read(&weights, 2).expect("both heads are there"), [1, 2]);
        assert_eq!(most_read(&weights, 9).expect("both heads are there"), [0, 1, 2]);
    }
}
