//! Numbers as each language writes them.

use super::{Language, Phrase, language, say, tell};

/// The sign behind a number in percent, with the space that belongs before it.
pub const PERCENT_SIGN: Phrase = || say("%", "\u{a0}%");

/// A whole number of percent.
pub fn percent(percent: u32) -> String {
    tell!("{percent}%", "{percent}\u{a0}%")
}

/// A part, 0 to 1, in whole percent.
pub fn part(part: f32) -> String {
    let percent = part * 100.0;
    tell!("{percent:.0}%", "{percent:.0}\u{a0}%")
}

/// A part, 0 to 1, in percent; small ones are not none.
pub fn share(share: f32) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 1.0 { say("under 1%", "unter 1\u{a0}%").into() } else { part(share) }
}

/// A number with so many decimals.
pub fn decimal(value: f64, digits: usize) -> String {
    let number = format!("{value:.digits$}");
    match language() {
        Language::English => number,
        Language::German => number.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_language;

    #[test]
    fn percent_and_decimals_are_written_as_the_language_does() {
        let written = || [percent(7), part(0.31), share(0.004), share(0.0), decimal(4.06, 1), decimal(12.0, 2)];
        assert_eq!(written(), ["7%", "31%", "under 1%", "0%", "4.1", "12.00"]);
        let german = in_language(Language::German, written);
        assert_eq!(german, ["7\u{a0}%", "31\u{a0}%", "unter 1\u{a0}%", "0\u{a0}%", "4,1", "12,00"]);
    }
}
