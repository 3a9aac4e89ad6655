//! Decoding without a browser: pixels turned upright, 8-bit sRGB, composited on white.
//!
//! Four inks (CMYK) become RGB by the decoder's simple rule, whatever profile they come with.

use std::{io::Cursor, path::Path};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage, metadata::Orientation};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{Format, Photo, PhotoError, probe};

/// The most bytes that a decoder may ask for: 100 megapixels of 16-bit RGBA and its row buffers.
const MAX_DECODER_BYTES: u64 = 1 << 30;

impl Photo {
    /// Reads and decodes a file.
    ///
    /// # Errors
    /// As [`Photo::decode`], and [`PhotoError::Read`] when the file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PhotoError> {
        let bytes = std::fs::read(path).map_err(|error| PhotoError::Read(error.to_string()))?;
        Self::decode(&bytes)
    }

    /// Decodes JPEG, PNG, WebP, GIF (first frame), BMP or TIFF: orientation and colour profile applied, transparency on
    /// white, 8 bits a channel.
    ///
    /// # Errors
    /// As [`probe`]; [`PhotoError::UnsupportedFormat`] for what only browsers decode; [`PhotoError::Decode`] when the
    /// pixels are damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, PhotoError> {
        let decoded = Decoded::read(bytes, probe(bytes)?.format)?;
        let mut rgb = Pixels::flatten(decoded.image);
        if let Some(profile) = decoded.profile {
            rgb.convert_to_srgb(&profile);
        }
        rgb.on_white(decoded.orientation)
    }
}

/// A file as its decoder reads it.
struct Decoded {
    image: DynamicImage,
    orientation: Orientation,
    /// An ICC profile of the colours.
    profile: Option<Vec<u8>>,
}

impl Decoded {
    /// Runs the decoder of the format, within limits.
    fn read(bytes: &[u8], format: Format) -> Result<Self, PhotoError> {
        let damaged = |error: image::ImageError| PhotoError::Decode { format, detail: error.to_string() };
        let mut reader = ImageReader::with_format(Cursor::new(bytes), decodable(format)?);
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODER_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        // What cannot be read beside the pixels is no reason to refuse the photo: it is taken as upright and as sRGB,
        // as browsers do.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let profile = decoder.icc_profile().ok().flatten();
        let image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        Ok(Self { image, orientation, profile })
    }
}

/// The decoder of a format.
fn decodable(format: Format) -> Result<ImageFormat, PhotoError> {
    Ok(match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Tiff => ImageFormat::Tiff,
        Format::Avif => return Err(PhotoError::UnsupportedFormat("AVIF")),
        Format::Heic => return Err(PhotoError::UnsupportedFormat("HEIC")),
    })
}

/// Decoded pixels at 8 bits a channel.
enum Pixels {
    Opaque(RgbImage),
    Transparent(RgbaImage),
}

impl Pixels {
    /// Rounds any depth to 8 bits and spreads grey to three channels.
    fn flatten(image: DynamicImage) -> Self {
        if image.color().has_alpha() { Self::Transparent(image.into_rgba8()) } else { Self::Opaque(image.into_rgb8()) }
    }

    /// Converts the colours from an ICC profile to sRGB in place; leaves them alone if the profile is sRGB, cannot be
    /// read or is for other channels.
    fn convert_to_srgb(&mut self, profile: &[u8]) {
        let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
        // Profiles of grey photos hold a curve that is nearly always close to sRGB's; one for four inks does not fit the
        // RGB that the decoder has made of them.
        if profile.color_space != DataColorSpace::Rgb {
            return;
        }
        let (layout, stride, data): (_, _, &mut [u8]) = match self {
            Self::Opaque(image) => (Layout::Rgb, image.width() as usize * 3, image),
            Self::Transparent(image) => (Layout::Rgba, image.width() as usize * 4, image),
        };
        let options = TransformOptions::default();
        let Ok(transform) = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, options) else {
            return;
        };
        let mut converted = vec![0; stride];
        for row in data.chunks_exact_mut(stride) {
            if transform.transform(row, &mut converted).is_ok() {
                row.copy_from_slice(&converted);
            }
        }
    }

    /// Composites on white and turns upright.
    fn on_white(self, orientation: Orientation) -> Result<Photo, PhotoError> {
        let opaque = match self {
            Self::Opaque(image) => image,
            Self::Transparent(image) => composite_on_white(&image),
        };
        let mut image = DynamicImage::ImageRgb8(opaque);
        image.apply_orientation(orientation);
        Photo::from_rgb(image.width(), image.height(), image.into_rgb8().into_raw())
    }
}

/// `alpha * colour + (1 - alpha) * white` for straight (not premultiplied) alpha, rounded to nearest.
fn composite_on_white(image: &RgbaImage) -> RgbImage {
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (out, pixel) in opaque.pixels_mut().zip(image.pixels()) {
        let alpha = u32::from(pixel[3]);
        for channel in 0..3 {
            let blended = alpha * u32::from(pixel[channel]) + (255 - alpha) * 255;
            out[channel] = ((blended + 127) / 255) as u8;
        }
    }
    opaque
}
