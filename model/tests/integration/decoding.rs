//! Native decoding on real files: made here by `image`'s encoders, bent where a test needs what they do not write.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, Frame, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage,
    Rgba, RgbaImage,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};
use model::{
    photo::{Format, Photo, PhotoError, probe},
    random::Random,
};

const RED: [u8; 3] = [220, 30, 30];
const GREEN: [u8; 3] = [30, 160, 60];
const BLUE: [u8; 3] = [40, 60, 200];
const WHITE: [u8; 3] = [250, 250, 250];

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).expect("the encoder takes this image");
    file.into_inner()
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 100).encode_image(image).expect("the encoder takes RGB");
    file
}

/// 48 x 32 with a colour in each quarter: red, green / blue, white.
fn quarters() -> RgbImage {
    RgbImage::from_fn(48, 32, |x, y| {
        Rgb(match (x < 24, y < 16) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    })
}

/// The colours in the middle of the four quarters, row by row.
fn corners(photo: &Photo) -> [[u8; 3]; 4] {
    let (x, y) = (photo.width() / 4, photo.height() / 4);
    [photo.rgb(x, y), photo.rgb(3 * x, y), photo.rgb(x, 3 * y), photo.rgb(3 * x, 3 * y)]
}

#[track_caller]
fn assert_close(got: [u8; 3], expected: [u8; 3], tolerance: u8) {
    let close = got.iter().zip(expected).all(|(&got, expected)| got.abs_diff(expected) <= tolerance);
    assert!(close, "{got:?} is not {expected:?} within {tolerance}");
}

/// Inserts an EXIF block with this orientation behind the start of a JPEG.
fn with_orientation(jpeg: &[u8], value: u8) -> Vec<u8> {
    let mut file = jpeg[..2].to_vec();
    file.extend(b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0");
    file.extend([value, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(&jpeg[2..]);
    file
}

/// The file of `upright` as a camera with this EXIF orientation would have stored it: the inverse of the turn.
fn stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    match orientation {
        1 => upright.clone(),
        2 => flip_horizontal(upright),
        3 => rotate180(upright),
        4 => flip_vertical(upright),
        5 => flip_horizontal(&rotate90(upright)), // the transpose is its own inverse
        6 => rotate270(upright),
        7 => flip_horizontal(&rotate270(upright)),
        8 => rotate90(upright),
        _ => unreachable!("EXIF has eight"),
    }
}

#[test]
fn all_eight_orientations_come_out_upright() {
    for orientation in 1..=8 {
        let file = with_orientation(&jpeg(&stored(&quarters(), orientation)), orientation);
        let header = probe(&file).expect("a whole file");
        assert_eq!((header.width, header.height), (48, 32), "orientation {orientation}");
        let photo = Photo::decode(&file).expect("a whole file");
        assert_eq!(photo.size(), (48, 32), "orientation {orientation}");
        for (got, expected) in corners(&photo).into_iter().zip([RED, GREEN, BLUE, WHITE]) {
            assert_close(got, expected, 4);
        }
    }
}

/// The header's reader and the decoder's each read the orientation: they must agree, or boxes would miss the pixels.
#[test]
fn header_and_pixels_agree_on_the_orientation_in_every_format_that_has_one() {
    let exif =
        |value: u8| [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[value, 0, 0, 0, 0, 0, 0, 0]].concat();
    for value in 1..=8 {
        let (image, mut files) = (quarters(), Vec::new());
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_exif_metadata(exif(value)).expect("PNG holds EXIF");
        encoder.write_image(&image, 48, 32, ExtendedColorType::Rgb8).expect("a small image");
        files.push(png);
        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_exif_metadata(exif(value)).expect("WebP holds EXIF");
        encoder.write_image(&image, 48, 32, ExtendedColorType::Rgb8).expect("a small image");
        files.push(webp);
        files.push(with_orientation(&jpeg(&image), value));
        for file in files {
            let header = probe(&file).expect("a whole file");
            let photo = Photo::decode(&file).expect("a whole file");
            assert_eq!(photo.size(), (header.width, header.height), "{} turned by {value}", header.format);
            assert_eq!(
                photo.size(),
                if value > 4 { (32, 48) } else { (48, 32) },
                "{} turned by {value}",
                header.format
            );
        }
    }
}

#[test]
fn lossless_formats_keep_every_pixel() {
    let image = DynamicImage::ImageRgb8(quarters());
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP, ImageFormat::Tiff] {
        let photo = Photo::decode(&encode(&image, format)).expect("a whole file");
        assert_eq!(photo.size(), (48, 32));
        for (x, y, pixel) in quarters().enumerate_pixels() {
            assert_eq!(photo.rgb(x, y), pixel.0, "{format:?} at {x}, {y}");
        }
    }
}

#[test]
fn one_pixel_and_one_column() {
    for size in [(1, 1), (1, 8000), (8000, 1)] {
        let image = RgbImage::from_pixel(size.0, size.1, Rgb(RED));
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP, ImageFormat::Jpeg] {
            let photo = Photo::decode(&encode(&image.clone().into(), format)).expect("a whole file");
            assert_eq!(photo.size(), size);
            assert_close(photo.rgb(size.0 - 1, size.1 - 1), RED, 4);
        }
    }
}

#[test]
fn grey_and_sixteen_bits() {
    let grey = encode(&GrayImage::from_pixel(5, 3, Luma([77])).into(), ImageFormat::Png);
    assert_eq!(Photo::decode(&grey).expect("a whole file").rgb(4, 2), [77, 77, 77]);
    let deep = ImageBuffer::from_pixel(5, 3, Rgb([0x1234_u16, 0x8080, 0xffff]));
    let deep = encode(&DynamicImage::ImageRgb16(deep), ImageFormat::Png);
    assert_eq!(Photo::decode(&deep).expect("a whole file").rgb(0, 0), [0x12, 0x80, 0xff]);
}

#[test]
fn transparency_is_composited_on_white() {
    let mut image = RgbaImage::from_pixel(3, 1, Rgba([0, 0, 0, 0]));
    image.put_pixel(1, 0, Rgba([200, 100, 0, 128]));
    image.put_pixel(2, 0, Rgba([200, 100, 0, 255]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let photo = Photo::decode(&encode(&image.clone().into(), format)).expect("a whole file");
        assert_eq!(photo.rgb(0, 0), [255, 255, 255]);
        assert_eq!(photo.rgb(1, 0), [227, 177, 127]);
        assert_eq!(photo.rgb(2, 0), [200, 100, 0]);
    }
}

#[test]
fn the_first_frame_of_an_animation() {
    let mut file = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut file);
        for colour in [RED, BLUE] {
            let [r, g, b] = colour;
            encoder.encode_frame(Frame::new(RgbaImage::from_pixel(9, 7, Rgba([r, g, b, 255])))).expect("a small frame");
        }
    }
    assert_eq!(probe(&file).expect("a whole file").format, Format::Gif);
    let photo = Photo::decode(&file).expect("a whole file");
    assert_eq!((photo.size(), photo.rgb(4, 4)), ((9, 7), RED));
}

#[test]
fn four_inks() {
    let file = include_bytes!("../photos/cmyk.jpg");
    let photo = Photo::decode(file).expect("a whole file");
    assert_close(photo.rgb(2, 2), [0, 255, 255], 3);
    assert_close(photo.rgb(12, 12), [153, 153, 0], 3);
}

#[test]
fn a_wide_gamut_profile_is_converted() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a built-in profile");
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(profile).expect("PNG holds profiles");
    let image = RgbImage::from_pixel(4, 4, Rgb([200, 100, 100]));
    encoder.write_image(&image, 4, 4, ExtendedColorType::Rgb8).expect("a small image");
    // Linear light, then the matrix from Display P3 to sRGB (both D65), then sRGB's curve again.
    let linear = |byte: u8| ((f64::from(byte) / 255.0 + 0.055) / 1.055).powf(2.4);
    let curve = |light: f64| ((light.powf(1.0 / 2.4) * 1.055 - 0.055) * 255.0).round() as u8;
    let (r, g, b) = (linear(200), linear(100), linear(100));
    let expected = [
        curve(1.224_940 * r - 0.224_940 * g),
        curve(-0.042_057 * r + 1.042_057 * g),
        curve(-0.019_638 * r - 0.078_636 * g + 1.098_274 * b),
    ];
    assert_ne!(expected, [200, 100, 100]);
    assert_close(Photo::decode(&file).expect("a whole file").rgb(1, 1), expected, 1);
}

#[test]
fn cut_files_text_and_nothing() {
    assert_eq!(Photo::decode(b""), Err(PhotoError::Empty));
    assert_eq!(Photo::decode(b"not a photo, though its name ends in .jpg"), Err(PhotoError::NotAnImage));
    for (format, kind) in [
        (ImageFormat::Jpeg, Format::Jpeg),
        (ImageFormat::Png, Format::Png),
        (ImageFormat::WebP, Format::WebP),
        (ImageFormat::Bmp, Format::Bmp),
        (ImageFormat::Gif, Format::Gif),
    ] {
        let file = encode(&DynamicImage::ImageRgb8(quarters()), format);
        for length in [file.len() / 2, file.len() * 9 / 10] {
            assert_eq!(Photo::decode(&file[..length]), Err(PhotoError::Truncated(kind)));
        }
    }
}

#[test]
fn damaged_pixels_are_a_decoder_error() {
    let mut file = encode(&DynamicImage::ImageRgb8(quarters()), ImageFormat::Png);
    let data = file.windows(4).position(|kind| kind == b"IDAT").expect("PNG has image data") + 4;
    file[data..data + 8].fill(0xaa);
    assert!(matches!(Photo::decode(&file), Err(PhotoError::Decode { format: Format::Png, .. })));
}

/// Files with a few bytes changed, or cut: they may decode or not, but never bring the program down.
#[test]
fn damage_anywhere_is_survived() {
    let image = DynamicImage::ImageRgb8(quarters());
    let mut files: Vec<Vec<u8>> =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff]
            .map(|format| encode(&image, format))
            .into();
    files.push(include_bytes!("../photos/cmyk.jpg").to_vec());
    files.push(with_orientation(&jpeg(&quarters()), 6));
    // The same damage on every run.
    let mut random = Random::new(2026);
    let mut refused = 0;
    for round in 0..200 {
        for file in &files {
            let mut damaged = file.clone();
            for _ in 0..=random.below(4) {
                // Headers are where damage is most telling.
                let reach = if round % 2 == 0 { damaged.len() } else { damaged.len().min(64) };
                let at = random.below(reach);
                damaged[at] = random.below(256) as u8;
            }
            if round % 5 == 0 {
                damaged.truncate(random.below(file.len()));
            }
            refused += usize::from(Photo::decode(&damaged).is_err());
        }
    }
    assert!(refused > 300, "only {refused} of 1600 damaged files were refused: the damage does not reach the decoders");
}

#[test]
fn sixty_megapixels() {
    let file = {
        let image = GrayImage::from_fn(10_000, 6_000, |x, y| Luma([((x / 1000 + y / 1000) * 16) as u8]));
        encode(&image.into(), ImageFormat::Png)
    };
    let photo = Photo::decode(&file).expect("below the limit");
    assert_eq!((photo.size(), photo.rgb(9_999, 5_999)), ((10_000, 6_000), [224, 224, 224]));
}

#[test]
fn a_missing_file() {
    assert!(matches!(Photo::open("no/such/photo.jpg"), Err(PhotoError::Read(_))));
}
