//! Checks on the style sheet's colours: text contrast (WCAG 2.2 AA), and whether the classes of a photo can be told apart
//! with any kind of colour vision.

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../../www/css/tokens.css");

type Tokens = BTreeMap<String, String>;

/// The custom properties of each block of the sheet, in order: light, dark by choice, dark by the system.
fn blocks() -> Vec<Tokens> {
    let bare: String = SHEET.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, after)| after)).collect();
    let blocks = bare.split('}').filter_map(|block| block.rsplit_once('{'));
    let tokens = blocks.map(|(_, body)| {
        let pairs = body.split(';').filter_map(|line| line.split_once(':'));
        let pairs = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        pairs.filter(|(name, _)| name.starts_with("--")).collect::<Tokens>()
    });
    tokens.filter(|tokens| !tokens.is_empty()).collect()
}

/// Linear red, green and blue of `#rrggbb`.
fn linear(hex: &str) -> [f64; 3] {
    let digits = hex.strip_prefix('#').filter(|it| it.len() == 6).unwrap_or_else(|| panic!("{hex} is not #rrggbb"));
    [0, 2, 4].map(|at| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance(rgb: [f64; 3]) -> f64 {
    0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(linear(a)) + 0.05, luminance(linear(b)) + 0.05);
    a.max(b) / a.min(b)
}

/// Each look as one set: dark only lists what differs from light.
fn looks() -> [Tokens; 2] {
    let blocks = blocks();
    assert_eq!(blocks.len(), 3, "light, dark by choice, dark by the system");
    assert_eq!(blocks[1], blocks[2], "the two dark blocks are the same");
    let mut dark = blocks[0].clone();
    dark.extend(blocks[1].clone());
    [blocks[0].clone(), dark]
}

#[test]
fn text_reads_on_its_ground() {
    for look in looks() {
        for ground in ["--paper", "--card", "--stage"] {
            for text in ["--ink", "--ink-soft", "--fault", "--good"] {
                let ratio = contrast(&look[text], &look[ground]);
                // The ready mark is a shape, not text.
                let least = if text == "--good" { 3.0 } else { 4.5 };
                assert!(ratio >= least, "{text} on {ground}: {ratio:.2}");
            }
        }
        assert!(contrast(&look["--ink-soft"], &look["--line"]) >= 4.5, "soft text on a hovered button");
    }
}

#[test]
fn labels_read_on_their_class() {
    let [light, _] = looks();
    for slot in 0..8 {
        let ratio = contrast(&light[&format!("--class-{slot}")], &light[&format!("--class-ink-{slot}")]);
        assert!(ratio >= 4.5, "class {slot}: {ratio:.2}");
    }
}

/// How people without one kind of cone see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
const VISIONS: [(&str, [[f64; 3]; 3]); 4] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    (
        "deuteranopia",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
];

/// CIE L*a*b* (D65) of linear RGB.
fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = rgb.map(|value| value.clamp(0.0, 1.0));
    let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn classes_differ_under_any_colour_vision() {
    let [light, _] = looks();
    let colours: Vec<[f64; 3]> = (0..8).map(|slot| linear(&light[&format!("--class-{slot}")])).collect();
    for (vision, matrix) in VISIONS {
        let seen: Vec<[f64; 3]> = colours
            .iter()
            .map(|rgb| lab(matrix.map(|row| row.iter().zip(rgb).map(|(weight, value)| weight * value).sum())))
            .collect();
        for (a, first) in seen.iter().enumerate() {
            for (b, second) in seen.iter().enumerate().skip(a + 1) {
                let difference = first.iter().zip(second).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
                // 2.3 is just noticeable side by side; swatches across a photo need several times that.
                assert!(difference > 20.0, "{vision}: classes {a} and {b} differ by {difference:.1} only");
            }
        }
    }
}
