//! Captions against what people wrote and against what is there.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use model::{
    annotate::write_results,
    catalog::System,
    data::folder::{CaptionedPhoto, NamedPhoto, Part},
    eval::captions::tokens,
    measure::caption::{Naming, all_captions, captions, naming, scores},
    structures::{caption::Caption, nouns::Nouns},
};
use serde::Serialize;

use crate::labelled::{self, Bench, digits, timed};

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
    let described = flickr(arguments, &bench)?;
    let named = coco(arguments, &bench)?;
    if !described && !named {
        bail!("there is nothing to measure on");
    }
    Ok(())
}

/// Measures on `captions.json`; says whether there is one.
fn flickr(arguments: &Arguments, bench: &Bench) -> Result<bool> {
    let Some(photos) = bench.data.captions(bench.part)?.filter(|photos| !photos.is_empty()) else {
        arguments.labelled.left_out("captions.json");
        return Ok(false);
    };
    let said = timed(photos.len(), |tick| captions(&photos, bench.subject(), tick))?;
    let sentences: Vec<String> = said.iter().map(|caption| caption.plain()).collect();
    print_scores(&photos, &sentences);
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
        show(&photos[i], &sentences[i], &[]);
    }
    Ok(true)
}

/// Measures on COCO's photos: those whose categories are known, and `mini`, whose objects are boxed; says whether there
/// are any. Captions learn from none of `mini`, so that all of it is measured on, whichever the part.
fn coco(arguments: &Arguments, bench: &Bench) -> Result<bool> {
    let sets = [
        ("coco_classes.json", bench.data.named(bench.part)?),
        ("mini_instances.json", bench.data.mini_named(Part::All)?),
    ];
    let mut measured = false;
    for (labels, photos) in sets {
        let Some(photos) = photos.filter(|photos| !photos.is_empty()) else {
            arguments.labelled.left_out(labels);
            continue;
        };
        println!("# {labels}");
        let files: Vec<PathBuf> = photos.iter().map(|photo| photo.file.clone()).collect();
        let said = timed(photos.len(), |tick| all_captions(&files, bench.subject(), tick))?;
        print_naming(&naming(&Nouns::of_coco(), &photos, &said));
        let captioned = photos.iter().zip(&said).filter(|(photo, _)| !photo.captions.is_empty());
        let (captioned, sentences): (Vec<CaptionedPhoto>, Vec<String>) = captioned.map(described).unzip();
        if !captioned.is_empty() {
            println!("# of them {} that people have captioned", captioned.len());
            print_scores(&captioned, &sentences);
        }
        for i in chosen(&captioned, arguments.show, arguments.seed) {
            let of_photo = photos.iter().position(|photo| photo.name == captioned[i].name);
            let regions = of_photo.and_then(|at| said[at].get(1..)).unwrap_or_default();
            show(&captioned[i], &sentences[i], regions);
        }
        measured = true;
    }
    Ok(measured)
}

fn described((photo, captions): (&NamedPhoto, &Vec<Caption>)) -> (CaptionedPhoto, String) {
    let NamedPhoto { name, file, captions: people, .. } = photo.clone();
    (CaptionedPhoto { name, file, captions: people }, captions.first().map(Caption::plain).unwrap_or_default())
}

fn print_scores(photos: &[CaptionedPhoto], sentences: &[String]) {
    let scores = scores(photos, sentences);
    for (n, bleu) in scores.bleu.into_iter().enumerate() {
        println!("BLEU-{} {bleu:.4}", n + 1);
    }
    println!("CIDEr  {:.4}", scores.cider);
}

fn print_naming(naming: &Naming) {
    let Naming { photos, regions, classes, large } = naming;
    println!("{:<24} {:>6} of {} mentions", "CHAIR_i", digits(photos.of_mentions()), photos.mentions);
    println!("{:<24} {:>6} of {} captions", "CHAIR_s", digits(photos.of_captions()), photos.captions);
    println!("{:<24} {:>6} of {} mentions", "CHAIR_i of regions", digits(regions.of_mentions()), regions.mentions);
    println!("{:<24} {:>6} of {} captions", "CHAIR_s of regions", digits(regions.of_captions()), regions.captions);
    println!("{:<24} {:>6} of {}", "named of what is there", digits(classes.share()), classes.there);
    println!("{:<24} {:>6} of {}", "named of what is large", digits(large.share()), large.there);
}

/// Prints a caption with those of its regions and what people wrote.
fn show(photo: &CaptionedPhoto, sentence: &str, regions: &[Caption]) {
    println!("\n{}\n  {sentence}", photo.name);
    for region in regions {
        println!("  - {}", region.plain());
    }
    for reference in &photo.captions {
        println!("    {reference}");
    }
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
