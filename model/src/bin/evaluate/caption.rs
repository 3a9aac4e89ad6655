//! Captions against what people wrote.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use model::{
    annotate::write_results,
    catalog::System,
    data::folder::CaptionedPhoto,
    eval::captions::tokens,
    measure::caption::{captions, scores},
};
use serde::Serialize;

use crate::labelled::{self, timed};

/// What to measure, and what to show of it.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    labelled: labelled::Arguments,
    /// Show the captions of this many photos, chosen at random, with what people wrote.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Another seed chooses other photos to show.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Keep all captions in this JSON file, with what people wrote.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A caption in the file.
#[derive(Serialize)]
struct Kept<'a> {
    file_name: &'a str,
    caption: &'a str,
    log_probability: f32,
    references: &'a [String],
    /// As they are compared: in lower case, without punctuation.
    caption_words: String,
    reference_words: Vec<String>,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let bench = arguments.labelled.set_up(System::Captions)?;
    let Some(photos) = bench.data.captions(bench.part)? else {
        arguments.labelled.left_out("captions.json");
        bail!("there is nothing to measure on");
    };
    let said = timed(photos.len(), |tick| captions(&photos, bench.subject(), tick))?;
    let sentences: Vec<String> = said.iter().map(|caption| caption.plain()).collect();
    let scores = scores(&photos, &sentences);
    for (n, bleu) in scores.bleu.into_iter().enumerate() {
        println!("BLEU-{} {bleu:.4}", n + 1);
    }
    println!("CIDEr  {:.4}", scores.cider);
    if let Some(out) = &arguments.out {
        let kept = photos.iter().zip(&sentences).zip(&said).map(|((photo, caption), said)| Kept {
            file_name: &photo.name,
            caption,
            log_probability: said.log_probability,
            references: &photo.captions,
            caption_words: tokens(caption).join(" "),
            reference_words: photo.captions.iter().map(|text| tokens(text).join(" ")).collect(),
        });
        write_results(out, &kept.collect::<Vec<_>>()).with_context(|| out.display().to_string())?;
    }
    for i in chosen(&photos, arguments.show, arguments.seed) {
        println!("\n{}\n  {}", photos[i].name, sentences[i]);
        for reference in &photos[i].captions {
            println!("    {reference}");
        }
    }
    Ok(())
}

/// Some photos at random: those whose names have the lowest checksums after the seed.
fn chosen(photos: &[CaptionedPhoto], count: usize, seed: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..photos.len()).collect();
    order.sort_by_key(|&i| crc32fast::hash(format!("{seed} {}", photos[i].name).as_bytes()));
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_choose_different_photos() {
        let photo = |i: usize| CaptionedPhoto { name: format!("p{i}"), file: PathBuf::new(), captions: vec![] };
        let photos: Vec<CaptionedPhoto> = (0..50).map(photo).collect();
        let (one, other) = (chosen(&photos, 5, 1), chosen(&photos, 5, 2));
        assert_eq!((one.len(), &one), (5, &chosen(&photos, 5, 1)));
        assert_ne!(one, other);
        assert_eq!(chosen(&photos[..3], 5, 1).len(), 3);
    }
}
