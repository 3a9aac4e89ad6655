//! Growing a network without changing what it says: Net2Net (Chen, Goodfellow and Shlens 2016; Wei et al. 2016, Network
//! Morphism, arrive at the same for layers with a rectifier).

use super::{
    architecture::{Growth, Input, ShapeError},
    draws,
    network::{LayerWeights, Network},
    record::Rule,
};
use crate::random::Random;

/// How much the copies of a unit differ in their outgoing weights, as a share of an equal part. Their sum stays: the
/// function does, too, but the copies get different gradients and can learn different things.
const SPREAD: f32 = 0.2;

/// Grows a network.
///
/// # Errors
/// As [`super::architecture::Architecture::grown`].
pub(super) fn grow(network: &Network, growth: Growth, random: &mut Random) -> Result<(Network, Rule), ShapeError> {
    let architecture = network.architecture.grown(growth)?;
    let mut layers = network.layers.clone();
    let rule = match growth {
        Growth::Wider { layer, units } => {
            let sources = sources(layers[layer].bias.len(), units, random);
            let shares = shares(&sources, random);
            let rule = rule(&layers[layer + 1], &sources, &shares, layers[layer].bias.len());
            layers[layer] = with_copies(&layers[layer], &sources);
            layers[layer + 1] = with_parts(&layers[layer + 1], &sources, &shares);
            rule
        }
        Growth::Deeper { after } => {
            let units = layers[after].bias.len();
            let taps = if matches!(architecture.input, Input::Image { .. }) { 9 } else { 1 };
            layers.insert(after + 1, identity(units, taps));
            Rule::Identity { units }
        }
    };
    Ok((Network { architecture, layers }, rule))
}

/// For each unit of the wider layer the unit that it is, or is a copy of.
fn sources(width: usize, units: usize, random: &mut Random) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..width).collect();
    random.shuffle(&mut drawn);
    (0..width).chain(drawn.into_iter().cycle().take(units)).collect()
}

/// For each unit its part of the outgoing weights of its source.
fn shares(sources: &[usize], random: &mut Random) -> Vec<f32> {
    let mut shares = vec![1.0; sources.len()];
    for source in 0..sources.len() {
        let copies: Vec<usize> = (0..sources.len()).filter(|unit| sources[*unit] == source).collect();
        if copies.len() < 2 {
            continue;
        }
        let part = 1.0 / copies.len() as f32;
        let mut rest = 1.0;
        for copy in &copies[1..] {
            shares[*copy] = part * (1.0 + draws::between(random, [-SPREAD, SPREAD]));
            rest -= shares[*copy];
        }
        shares[copies[0]] = rest;
    }
    shares
}

fn rule(next: &LayerWeights, sources: &[usize], shares: &[f32], width: usize) -> Rule {
    let unit = sources[width];
    let outputs = next.bias.len();
    // The largest weight that the unit has in the first block: the clearest to look at.
    let row = &next.w[unit * outputs..][..outputs];
    let before = row.iter().copied().fold(0.0, |best: f32, w| if w.abs() > best.abs() { w } else { best });
    let copies = (0..sources.len()).filter(|it| sources[*it] == unit);
    Rule::Copied { unit, copy: width, before, after: copies.map(|it| before * shares[it]).collect() }
}

/// The layer with further outputs.
fn with_copies(layer: &LayerWeights, sources: &[usize]) -> LayerWeights {
    let pick = |row: &[f32]| sources.iter().map(|source| row[*source]).collect::<Vec<_>>();
    LayerWeights { w: layer.w.chunks_exact(layer.bias.len()).flat_map(pick).collect(), bias: pick(&layer.bias) }
}

/// The next layer, whose inputs come in blocks (a place of the filter or of the map each) of the units that were copied.
fn with_parts(next: &LayerWeights, sources: &[usize], shares: &[f32]) -> LayerWeights {
    let outputs = next.bias.len();
    let width = 1 + sources.iter().copied().max().unwrap_or_default();
    let mut w = Vec::with_capacity(next.w.len() / width * sources.len());
    for block in next.w.chunks_exact(width * outputs) {
        for (source, share) in sources.iter().zip(shares) {
            w.extend(block[source * outputs..][..outputs].iter().map(|w| w * share));
        }
    }
    LayerWeights { w, bias: next.bias.clone() }
}

/// A layer whose outputs are its inputs.
fn identity(units: usize, taps: usize) -> LayerWeights {
    let mut w = vec![0.0; taps * units * units];
    for unit in 0..units {
        w[(taps / 2 * units + unit) * units + unit] = 1.0;
    }
    LayerWeights { w, bias: vec![0.0; units] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::architecture::Architecture;

    /// The largest difference of the scores on random inputs.
    fn difference(input: Input, growths: &[Growth]) -> f32 {
        let mut random = Random::new(5);
        let architecture = Architecture::uniform(input, 5, 2, 8).expect("it is on offer");
        let network = Network::drawn(&architecture, &mut random);
        let x: Vec<f32> = (0..8 * input.len()).map(|_| draws::normal(&mut random)).collect();
        let before = network.scores(x.clone());
        assert!(before.iter().any(|score| score.abs() > 0.1), "there is something to compare");
        let grown = growths
            .iter()
            .fold(network, |network, growth| grow(&network, *growth, &mut random).expect("the layer exists").0);
        assert_eq!(
            grown.layers.iter().map(|it| it.w.len() + it.bias.len()).sum::<usize>(),
            grown.architecture.parameters()
        );
        before.iter().zip(grown.scores(x)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn growing_keeps_the_function() {
        let growths = [
            Growth::Wider { layer: 0, units: 5 },
            Growth::Wider { layer: 1, units: 8 },
            Growth::Deeper { after: 0 },
            Growth::Deeper { after: 2 },
            Growth::Wider { layer: 1, units: 13 },
            Growth::Wider { layer: 0, units: 13 },
        ];
        for input in [Input::Vector { dimensions: 12 }, Input::Image { side: 12, channels: 3 }] {
            for count in 1..=growths.len() {
                let difference = difference(input, &growths[..count]);
                assert!(difference < 1e-5, "{input:?}, {count}: {difference}");
            }
        }
    }

    #[test]
    fn copies_can_learn_different_things() {
        let mut random = Random::new(3);
        let architecture = Architecture::uniform(Input::Vector { dimensions: 4 }, 3, 1, 4).expect("it is on offer");
        let network = Network::drawn(&architecture, &mut random);
        let (grown, rule) = grow(&network, Growth::Wider { layer: 0, units: 4 }, &mut random).expect("it exists");
        let Rule::Copied { unit, copy, before, after } = rule else { panic!("a unit was copied") };
        assert!((after.iter().sum::<f32>() - before).abs() < 1e-6 && after.len() == 2);
        let rows: Vec<_> = grown.layers[1].w.chunks_exact(3).collect();
        assert_ne!(rows[unit], rows[copy]);
    }
}
