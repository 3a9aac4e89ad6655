//! Spans of time in words.

/// A span of time in words that are read at a glance, e.g. "14 s".
pub fn seconds(ms: f64) -> String {
    match ms / 1e3 {
        s if s < 1.0 => "1 s".into(),
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// As [`seconds`], with tenths below one second.
pub fn brief(ms: f64) -> String {
    if ms < 950.0 { format!("{:.1} s", (ms / 1e3).max(0.1)) } else { seconds(ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_the_unit_that_fits() {
        assert_eq!([200.0, 95_000.0, 7_200_000.0].map(seconds), ["1 s", "2 min", "2.0 h"]);
        assert_eq!([20.0, 649.0, 949.0, 960.0, 2600.0].map(brief), ["0.1 s", "0.6 s", "0.9 s", "1 s", "3 s"]);
    }
}
