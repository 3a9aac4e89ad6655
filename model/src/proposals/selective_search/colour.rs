//! Colour spaces in whole numbers of 0 to 255, by tables.

/// A colour space of the paper's section 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourSpace {
    /// Hue (0 to 179: two degrees a step), saturation, value.
    Hsv,
    /// CIE L*a*b* of sRGB: L scaled to 0 to 255, a and b shifted by 128.
    Lab,
    /// Red and green as shares of the sum, and intensity.
    RgI,
    /// Intensity.
    Intensity,
}

impl ColourSpace {
    /// Its name in the paper.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hsv => "HSV",
            Self::Lab => "Lab",
            Self::RgI => "rgI",
            Self::Intensity => "I",
        }
    }

    /// A plane a channel.
    pub(super) fn planes(self, pixels: &[[u8; 3]]) -> Vec<Vec<u8>> {
        match self {
            Self::Hsv => hsv(pixels),
            Self::Lab => lab(pixels),
            Self::RgI => rg_intensity(pixels),
            Self::Intensity => vec![pixels.iter().map(|&[r, g, b]| intensity(r, g, b)).collect()],
        }
    }
}

/// Fills a plane a channel.
fn three(pixels: &[[u8; 3]], convert: impl Fn([u8; 3]) -> [u8; 3]) -> Vec<Vec<u8>> {
    let mut planes = vec![vec![0; pixels.len()]; 3];
    for (i, &pixel) in pixels.iter().enumerate() {
        for (plane, value) in planes.iter_mut().zip(convert(pixel)) {
            plane[i] = value;
        }
    }
    planes
}

fn hsv(pixels: &[[u8; 3]]) -> Vec<Vec<u8>> {
    // Division by the value and by the spread, with twelve bits.
    let mut saturation = [0i32; 256];
    let mut sixth = [0i32; 256];
    for by in 1..256i32 {
        (saturation[by as usize], sixth[by as usize]) = ((255 << 12) / by, (30 << 12) / by);
    }
    three(pixels, |[r, g, b]| {
        let (red, green, blue) = (i32::from(r), i32::from(g), i32::from(b));
        let (value, low) = (red.max(green).max(blue), red.min(green).min(blue));
        let spread = value - low;
        let (offset, difference) = match value {
            _ if value == red => (0, green - blue),
            _ if value == green => (60, blue - red),
            _ => (120, red - green),
        };
        let hue = offset + ((difference * sixth[spread as usize] + (1 << 11)) >> 12);
        let saturation = (spread * saturation[value as usize] + (1 << 11)) >> 12;
        // 0 to 179 and 0 to 255.
        [(if hue < 0 { hue + 180 } else { hue }) as u8, saturation as u8, value as u8]
    })
}

fn lab(pixels: &[[u8; 3]]) -> Vec<Vec<u8>> {
    const BITS: i32 = 12;
    const ONE: f64 = (1 << BITS) as f64;
    // Light of sRGB values (IEC 61966-2-1).
    let linear = |value: usize| {
        let value = value as f64 / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let linear: [i32; 256] = std::array::from_fn(|value| (linear(value) * ONE).round() as i32);
    // CIE's cube root with its straight piece near black.
    let root = |value: usize| {
        let value = value as f64 / ONE;
        let root = if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 };
        (root * 32_768.0).round() as i32
    };
    let root: Vec<i32> = (0..=(1 << BITS) + 4).map(root).collect();
    // Rows of sRGB to XYZ, each over the white's value of D65.
    let row = |weights: [f64; 3], white: f64| weights.map(|weight| (weight / white * ONE).round() as i32);
    let to_x = row([0.412_453, 0.357_580, 0.180_423], 0.950_456);
    let to_y = row([0.212_671, 0.715_160, 0.072_169], 1.0);
    let to_z = row([0.019_334, 0.119_193, 0.950_227], 1.088_754);
    three(pixels, |pixel| {
        let light = pixel.map(|value| linear[usize::from(value)]);
        let f = |row: &[i32; 3]| {
            let sum: i32 = light.iter().zip(row).map(|(a, b)| a * b).sum();
            root[((sum >> BITS) as usize).min(root.len() - 1)]
        };
        let (x, y, z) = (f(&to_x), f(&to_y), f(&to_z));
        let byte = |scaled: i32, shift: i32| ((scaled + (1 << 14)) / (1 << 15) + shift).clamp(0, 255) as u8;
        // 116 f - 16 of 100, as 255ths: 295.8 f - 40.8.
        let lightness = byte((y * 2958 - 408 * 32_768) / 10, 0);
        let shifted = |difference: i32, factor: i32| byte(difference * factor + (128 << 15), 0);
        [lightness, shifted(x - y, 500), shifted(y - z, 200)]
    })
}

fn rg_intensity(pixels: &[[u8; 3]]) -> Vec<Vec<u8>> {
    three(pixels, |[r, g, b]| {
        let sum = (u32::from(r) + u32::from(g) + u32::from(b)).max(1);
        // Shares of the sum: at most 255.
        let share = |value: u8| (u32::from(value) * 255 / sum) as u8;
        [share(r), share(g), intensity(r, g, b)]
    })
}

/// Rec. 601 luma.
fn intensity(r: u8, g: u8, b: u8) -> u8 {
    // The weights sum to 256.
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29 + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn colours_are_opencv_s() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reference/selective_search/values.json");
        let values: Value = serde_json::from_slice(&std::fs::read(file).expect("the reference")).expect("JSON");
        for colour in values["colours"].as_array().expect("colours") {
            let read =
                |key: &str| -> [i32; 3] { std::array::from_fn(|i| colour[key][i].as_i64().expect("a byte") as i32) };
            let rgb = read("rgb").map(|value| value as u8);
            for (space, key) in [(ColourSpace::Hsv, "hsv"), (ColourSpace::Lab, "lab")] {
                let found: Vec<i32> = space.planes(&[rgb]).iter().map(|plane| i32::from(plane[0])).collect();
                // Tables of twelve bits are off by a step where a number lies near the middle of two.
                let off = found.iter().zip(read(key)).map(|(a, b)| (a - b).abs()).max();
                assert!(off <= Some(1), "{rgb:?} in {key}: {found:?}, not {:?}", read(key));
            }
        }
    }

    #[test]
    fn shares_and_intensity_by_hand() {
        let of = |space: ColourSpace, rgb| space.planes(&[rgb]).concat();
        assert_eq!(of(ColourSpace::RgI, [0, 0, 0]), [0, 0, 0]);
        assert_eq!(of(ColourSpace::RgI, [255, 255, 255]), [85, 85, 255]);
        assert_eq!(of(ColourSpace::RgI, [100, 0, 0]), [255, 0, 30]);
        assert_eq!(of(ColourSpace::Intensity, [0, 255, 0]), [149]);
    }
}
