//! Activation functions of convolutions.

/// Function of a sum and its bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The sum itself.
    Linear,
    /// Negative numbers become 0.
    Relu,
    /// Clamp to `[0, 6]` (Krizhevsky 2010; MobileNetV2 uses it so that low precision stays accurate).
    Relu6,
}

impl Activation {
    /// Applies it to one number; NaN stays NaN.
    #[must_use]
    #[inline(always)]
    pub fn apply(self, value: f32) -> f32 {
        match self {
            Self::Linear => value,
            // Not `f32::max`, which would turn NaN, a sign of a broken device, into 0.
            Self::Relu => {
                if value < 0.0 {
                    0.0
                } else {
                    value
                }
            }
            Self::Relu6 => value.clamp(0.0, 6.0),
        }
    }
}
