//! Tables of what simple methods and a careful player reach.

use std::rc::Rc;

use anyhow::Result;
use model::quest::{baselines::Baselines, board::Method, data::DataSet, statistics::Family};

use crate::careful;

/// A row for each seed, as Markdown.
pub fn seeds(count: u32) -> Result<()> {
    println!("| seed | data set | {} | careful player |", titles());
    println!("| --- | --- |{} --- |", " --- |".repeat(Method::ALL.len()));
    for seed in 1..=count {
        let data = Rc::new(DataSet::of_seed(seed));
        let careful = careful::play(seed, &data)?;
        println!("| {seed} | {} | {} | {:.1} |", describe(&data), baselines(seed, &data), careful * 100.0);
    }
    Ok(())
}

/// A row for each data set of each family, as Markdown.
pub fn families(each: u32, only: &[String]) -> Result<()> {
    println!("| data set | {} |", titles());
    println!("| --- |{}", " --- |".repeat(Method::ALL.len()));
    for family in Family::ALL {
        if !only.is_empty() && !only.iter().any(|name| name == family.title()) {
            continue;
        }
        for seed in 1..=each {
            let data = Rc::new(DataSet::of_family_and_seed(family, seed));
            println!("| {} | {} |", describe(&data), baselines(seed, &data));
        }
    }
    Ok(())
}

fn titles() -> String {
    Method::ALL.map(Method::title).join(" | ")
}

fn describe(data: &DataSet) -> String {
    let it = data.statistics;
    format!("{}, {} classes, {}", it.family.title(), it.classes, it.input_size())
}

/// What each method reaches, in percent.
fn baselines(seed: u32, data: &Rc<DataSet>) -> String {
    let mut found = vec![];
    let mut baselines = Baselines::new(seed, Rc::clone(data));
    while baselines.advance(&mut |it| found.push(it)) {}
    let of = |method| found.iter().find(|it| it.method == method).map_or(0.0, |it| it.accuracy * 100.0);
    Method::ALL.map(|method| format!("{:.1}", of(method))).join(" | ")
}
