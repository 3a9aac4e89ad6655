//! A logarithmic axis of time.

/// Milliseconds at the left end.
const LEFT: f64 = 1.0;
/// Whole powers of ten that the axis has at least.
const MIN_DECADES: i32 = 3;

/// A logarithmic axis from one millisecond to a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    decades: i32,
}

impl Axis {
    /// The axis on which all of some times lie.
    pub fn over(times: impl IntoIterator<Item = f64>) -> Self {
        let longest = times.into_iter().filter(|it| it.is_finite()).fold(LEFT, f64::max);
        // A fraction of an hour at most.
        let decades = (longest / LEFT).log10().ceil() as i32;
        Self { decades: decades.max(MIN_DECADES) }
    }

    /// Where a time is, from 0 at the left end to 1 at the right one.
    pub fn place(&self, ms: f64) -> f64 {
        let decades = (ms.max(LEFT) / LEFT).log10();
        (decades / f64::from(self.decades)).clamp(0.0, 1.0)
    }

    /// The powers of ten with their names.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let tick = |decade: i32| {
            let ms = LEFT * 10_f64.powi(decade);
            let name = if ms < 1e3 { format!("{ms:.0} ms") } else { format!("{:.0} s", ms / 1e3) };
            (ms, name)
        };
        (0..=self.decades).map(tick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_factors_are_equal_lengths() {
        let axis = Axis::over([45.0, 31_000.0, f64::NAN]);
        assert_eq!(axis.ticks().last().map(|it| it.1.as_str()), Some("100 s"));
        let step = axis.place(10.0) - axis.place(1.0);
        assert!((axis.place(20_000.0) - axis.place(2_000.0) - step).abs() < 1e-12);
        assert_eq!((axis.place(0.01), axis.place(1.0), axis.place(100_000.0), axis.place(1e9)), (0.0, 0.0, 1.0, 1.0));
    }

    #[test]
    fn a_quick_run_has_an_axis_too() {
        assert_eq!(Axis::over([]).ticks().len(), 4);
        assert_eq!(Axis::over([1_000.0]).place(1_000.0), 1.0);
    }
}
