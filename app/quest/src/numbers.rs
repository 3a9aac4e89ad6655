//! Numbers for people, and the logarithmic slider.

use model::quest::photo::is_of_photo;

/// Positions of the slider of a learning rate.
pub const RATE_STEPS: u32 = 100;
/// Powers of ten at its ends.
const POWERS: [f32; 2] = [-5.0, 0.0];

/// The rate at a position, to two digits.
pub fn rate_at(position: u32) -> f32 {
    let power = POWERS[0] + (POWERS[1] - POWERS[0]) * position as f32 / RATE_STEPS as f32;
    let rate = 10_f32.powf(power);
    // Text and back: what is shown is what is used.
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

/// The position nearest to a rate.
pub fn position_of(rate: f32) -> u32 {
    let share = (rate.log10() - POWERS[0]) / (POWERS[1] - POWERS[0]);
    (share.clamp(0.0, 1.0) * RATE_STEPS as f32).round() as u32
}

/// "0.01", "0.00032".
pub fn rate(value: f32) -> String {
    value.to_string()
}

/// "61.3 %".
pub fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}

/// "+1.2", in points of a hundred.
pub fn points(difference: f32) -> String {
    let value = difference * 100.0;
    if value.abs() < 0.05 { "±0.0".to_owned() } else { format!("{value:+.1}").replace('-', "−") }
}

/// "Data set 7", or whose photo it is cut from.
pub fn data_set(seed: u32) -> String {
    if is_of_photo(seed) { "Patches of your photo".to_owned() } else { format!("Data set {seed}") }
}

/// "12,345".
pub fn whole(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "0.03 s", "4 s", "2 min".
pub fn seconds(value: f64) -> String {
    match value {
        ..0.095 => format!("{value:.2} s"),
        ..9.5 => format!("{value:.1} s"),
        ..100.0 => format!("{value:.0} s"),
        _ => format!("{:.0} min", value / 60.0),
    }
}

/// "0.713"; a dash for what is not a number.
pub fn loss(value: Option<f32>) -> String {
    value.map_or_else(|| "–".to_owned(), |it| format!("{it:.3}"))
}

/// "nothing", "at most 0.0000014".
pub fn difference(value: f32) -> String {
    if value == 0.0 { "nothing".to_owned() } else { format!("at most {value:.7}") }
}

/// "1 epoch", "3 epochs".
pub fn counted(count: usize, word: &str) -> String {
    format!("{} {word}{}", whole(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_holds_every_rate_that_it_shows() {
        for position in 0..=RATE_STEPS {
            assert_eq!(position_of(rate_at(position)), position, "{}", rate_at(position));
        }
        assert_eq!(
            (rate(rate_at(0)), rate(rate_at(60)), rate(rate_at(100))),
            ("0.00001".into(), "0.01".into(), "1".into())
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!((whole(7), whole(12_345), whole(1_234_567)), ("7".into(), "12,345".into(), "1,234,567".into()));
        assert_eq!((points(0.0123), points(-0.02), points(0.0001)), ("+1.2".into(), "−2.0".into(), "±0.0".into()));
        assert_eq!((seconds(0.031), seconds(4.26), seconds(15.0)), ("0.03 s".into(), "4.3 s".into(), "15 s".into()));
        assert_eq!((counted(1, "epoch"), counted(2, "epoch")), ("1 epoch".into(), "2 epochs".into()));
    }
}
