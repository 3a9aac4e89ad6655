//! From a gradient to a step.

use super::{
    network::{LayerWeights, Network},
    settings::{Optimizer, Settings},
};

/// What an optimiser remembers of earlier steps; it begins with zeros after a growth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The momentum's velocity, or Adam's first moment, of each layer.
    pub first: Vec<LayerWeights>,
    /// Adam's second moment.
    pub second: Vec<LayerWeights>,
    /// Steps since it began.
    pub steps: u32,
    /// Whether they were Adam's.
    pub is_adam: bool,
}

/// Shares that Adam keeps of its moments, and what keeps it from dividing by zero.
const BETAS: [f32; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

impl Memory {
    /// Changes the network's weights by one step.
    pub(super) fn step(&mut self, network: &mut Network, gradients: &[LayerWeights], settings: &Settings) {
        let is_adam = settings.optimizer == Optimizer::Adam;
        if self.first.len() != gradients.len() || self.is_adam != is_adam {
            let zeros = || gradients.iter().map(zero).collect();
            *self = Self { first: zeros(), second: if is_adam { zeros() } else { vec![] }, steps: 0, is_adam };
        }
        self.steps += 1;
        for (place, (layer, gradient)) in network.layers.iter_mut().zip(gradients).enumerate() {
            let first = &mut self.first[place];
            match settings.optimizer {
                Optimizer::Sgd { momentum } => {
                    let sgd = Sgd { rate: settings.rate, momentum };
                    sgd.step(&mut layer.w, &gradient.w, &mut first.w, settings.decay);
                    sgd.step(&mut layer.bias, &gradient.bias, &mut first.bias, 0.0);
                }
                Optimizer::Adam => {
                    let adam = Adam::at(self.steps, settings.rate);
                    let second = &mut self.second[place];
                    adam.step(&mut layer.w, &gradient.w, [&mut first.w, &mut second.w], settings.decay);
                    adam.step(&mut layer.bias, &gradient.bias, [&mut first.bias, &mut second.bias], 0.0);
                }
            }
        }
    }
}

fn zero(layer: &LayerWeights) -> LayerWeights {
    LayerWeights { w: vec![0.0; layer.w.len()], bias: vec![0.0; layer.bias.len()] }
}

struct Sgd {
    rate: f32,
    momentum: f32,
}

impl Sgd {
    fn step(&self, w: &mut [f32], gradient: &[f32], velocity: &mut [f32], decay: f32) {
        for ((w, gradient), velocity) in w.iter_mut().zip(gradient).zip(velocity) {
            *velocity = self.momentum * *velocity + (gradient + decay * *w);
            *w -= self.rate * *velocity;
        }
    }
}

struct Adam {
    rate: f32,
    /// What makes up for moments that began with zero.
    corrections: [f32; 2],
}

impl Adam {
    fn at(steps: u32, rate: f32) -> Self {
        // Not `powi`, whose order of products is the compiler's.
        let power = |beta: f32| (0..steps.min(20_000)).fold(1.0_f32, |power, _| power * beta);
        Self { rate, corrections: BETAS.map(|beta| 1.0 - power(beta)) }
    }

    fn step(&self, w: &mut [f32], gradient: &[f32], [first, second]: [&mut [f32]; 2], decay: f32) {
        let moments = first.iter_mut().zip(second);
        for ((w, gradient), (first, second)) in w.iter_mut().zip(gradient).zip(moments) {
            *first = BETAS[0] * *first + (1.0 - BETAS[0]) * gradient;
            *second = BETAS[1] * *second + (1.0 - BETAS[1]) * (gradient * gradient);
            let step = (*first / self.corrections[0]) / ((*second / self.corrections[1]).sqrt() + EPSILON);
            *w -= self.rate * (step + decay * *w);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::architecture::{Architecture, Input};

    fn network() -> Network {
        let architecture = Architecture::uniform(Input::Vector { dimensions: 1 }, 2, 1, 4).expect("it is on offer");
        let layer = |w, outputs| LayerWeights { w: vec![1.0; w], bias: vec![0.0; outputs] };
        Network { architecture, layers: vec![layer(4, 4), layer(8, 2)] }
    }

    fn gradients(network: &Network) -> Vec<LayerWeights> {
        let ones =
            |layer: &LayerWeights| LayerWeights { w: vec![0.5; layer.w.len()], bias: vec![0.5; layer.bias.len()] };
        network.layers.iter().map(ones).collect()
    }

    #[test]
    fn momentum_adds_up() {
        let mut network = network();
        let gradients = gradients(&network);
        let settings = Settings { rate: 0.1, ..Settings::default() };
        let mut memory = Memory::default();
        memory.step(&mut network, &gradients, &settings);
        assert!((network.layers[0].w[0] - 0.95).abs() < 1e-6);
        memory.step(&mut network, &gradients, &settings);
        assert!((network.layers[0].w[0] - (0.95 - 0.1 * 0.95)).abs() < 1e-6);
        assert!((network.layers[1].bias[1] - (-0.05 - 0.095)).abs() < 1e-6);
    }

    #[test]
    fn adam_steps_by_the_rate_whatever_the_gradient() {
        let mut network = network();
        let gradients = gradients(&network);
        let settings = Settings { rate: 0.1, optimizer: Optimizer::Adam, ..Settings::default() };
        let mut memory = Memory::default();
        for step in 1..4 {
            memory.step(&mut network, &gradients, &settings);
            assert!((network.layers[0].w[0] - (1.0 - 0.1 * step as f32)).abs() < 1e-4);
        }
        memory.step(&mut network, &gradients, &Settings::default());
        assert!(!memory.is_adam && memory.steps == 1, "another optimiser begins anew");
    }

    #[test]
    fn decay_pulls_weights_but_not_biases() {
        let mut network = network();
        let mut gradients = gradients(&network);
        gradients.iter_mut().for_each(|layer| layer.w.fill(0.0));
        gradients.iter_mut().for_each(|layer| layer.bias.fill(0.0));
        network.layers[0].bias.fill(1.0);
        let settings = Settings { rate: 0.1, decay: 0.1, ..Settings::default() };
        Memory::default().step(&mut network, &gradients, &settings);
        assert!((network.layers[0].w[0] - 0.99).abs() < 1e-6);
        assert!((network.layers[0].bias[0] - 1.0).abs() < f32::EPSILON);
    }
}
