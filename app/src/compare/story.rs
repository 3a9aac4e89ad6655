//! What the comparison showed, in one sentence made of its numbers.

use model::catalog::System;

use super::{
    parts::Part,
    rows::{Row, State, apart_ms, together_ms},
};

/// The systems whose story the lecture tells, in its order: each spends less on proposals and regions than the one before.
const FAMILY: [System; 4] = [System::Rcnn, System::SppNet, System::FastRcnn, System::FasterRcnn];

/// A time as people say it: two or three digits.
pub fn time(ms: f64) -> String {
    match ms {
        ms if ms < 0.05 => "under 0.1 ms".into(),
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        ms if ms < 9_950.0 => format!("{:.1} s", ms / 1e3),
        ms => format!("{:.0} s", ms / 1e3),
    }
}

/// A share in whole percent, on one line.
pub fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

/// The sentence; `None` until two rows have something to tell.
pub fn story(rows: &[Row]) -> Option<String> {
    let told: Vec<&Row> = rows.iter().filter(|row| row.whole_ms.is_some()).collect();
    let of = |system: System| told.iter().copied().find(|row| row.system == system);
    let mut family: Vec<&Row> = FAMILY.into_iter().filter_map(of).collect();
    // SPP-net stands in where its neighbour was left out.
    if of(System::FastRcnn).is_some() {
        family.retain(|row| row.system != System::SppNet);
    }
    if family.len() < 2 {
        return extremes(&told);
    }
    let mut clauses: Vec<String> = family.iter().enumerate().map(|(index, row)| clause(row, index == 0)).collect();
    clauses.extend(of(System::Ssd).map(|row| format!("SSD {}, without any", took(row, false))));
    Some(format!("{}.", clauses.join("; ")))
}

/// E.g. "R-CNN took 31 s, of which 0.9 s were proposals".
fn clause(row: &Row, is_first: bool) -> String {
    let title = row.info().title;
    let split = &row.split;
    let proposals = match is_first {
        true => format!("{} were proposals", time(split.ms(Part::Proposals))),
        // Of what is extrapolated, the proposals are measured.
        false => {
            let share = split.ms(Part::Proposals) / row.whole_ms.unwrap_or_default().max(f64::MIN_POSITIVE);
            format!("{} were proposals", percent(share))
        }
    };
    format!("{title} {}, of which {proposals}", took(row, is_first))
}

/// E.g. "took 31 s", "would take about 31 s", "31 s".
fn took(row: &Row, with_verb: bool) -> String {
    let ms = time(row.whole_ms.unwrap_or_default());
    match (row.state == State::Done, with_verb) {
        (true, true) => format!("took {ms}"),
        (true, false) => ms,
        (false, true) => format!("would take about {ms}"),
        (false, false) => format!("about {ms} (extrapolated)"),
    }
}

/// The slowest system beside the quickest one.
fn extremes(rows: &[&Row]) -> Option<String> {
    let by_time = |a: &&&Row, b: &&&Row| a.whole_ms.unwrap_or_default().total_cmp(&b.whole_ms.unwrap_or_default());
    let (slow, quick) = (rows.iter().max_by(by_time)?, rows.iter().min_by(by_time)?);
    if slow.system == quick.system {
        return None;
    }
    if time(slow.whole_ms.unwrap_or_default()) == time(quick.whole_ms.unwrap_or_default()) {
        // E.g. without people, whom both would have looked at.
        let (slow_title, quick_title) = (slow.info().title, quick.info().title);
        return Some(format!("{quick_title} and {slow_title} took the same time here: {}.", took(quick, false)));
    }
    let factor = slow.whole_ms.unwrap_or_default() / quick.whole_ms.unwrap_or_default().max(f64::MIN_POSITIVE);
    let factor = if factor < 9.95 { format!("{factor:.1}") } else { format!("{factor:.0}") };
    let (slow_passes, quick_passes) = (passes(slow), passes(quick));
    Some(format!(
        "{} {}{slow_passes}; {} {}{quick_passes}: {factor} times as quick.",
        slow.info().title,
        took(slow, true),
        quick.info().title,
        took(quick, false),
    ))
}

fn passes(row: &Row) -> String {
    match row.passes {
        _ if row.state != State::Done => String::new(),
        0 => String::new(),
        1 => " in one pass of the network".into(),
        n => format!(" in {n} passes of the network"),
    }
}

/// What the rows took together, where they share work.
pub fn together(rows: &[Row]) -> Option<String> {
    let count = rows.iter().filter(|row| row.state == State::Done).count();
    let (together, apart) = (together_ms(rows), apart_ms(rows));
    let shared = apart - together;
    (count > 1 && shared >= 0.05).then(|| {
        format!(
            "All {count} took {} together. Each from nothing they would take {}: {} of it is work that several share, which \
             ran once.",
            time(together),
            time(apart),
            time(shared)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{
        catalog::Task,
        structures::stage::{Artifact, Progress, Stage},
    };

    use super::{
        super::rows::{
            rows,
            tests::{results, stage},
        },
        *,
    };
    use crate::results::Results;

    fn told(task: Task, known: &Results) -> Option<String> {
        story(&rows(task, &BTreeSet::new(), known, None, None, |_| None))
    }

    const FAST: [(&str, f64, u32); 4] = [
        ("selective-search", 896.0, 0),
        ("searched-proposals", 0.0, 0),
        ("mobilenet-v2-416", 104.0, 1),
        ("box-head", 400.0, 0),
    ];
    const FASTER: [(&str, f64, u32); 4] =
        [("mobilenet-v2-416", 104.0, 1), ("rpn", 16.0, 0), ("proposals", 4.0, 0), ("box-head-aligned", 66.0, 0)];

    #[test]
    fn the_family_is_told_from_the_slowest_on() {
        let mut known = results(&[
            (System::FastRcnn, &FAST),
            (System::FasterRcnn, &FASTER),
            (System::Ssd, &[("mobilenet-v2", 30.0, 1), ("corrections", 12.0, 0)]),
        ]);
        let two = "Fast R-CNN took 1.4 s, of which 896 ms were proposals; Faster R-CNN 190 ms, of which 11\u{a0}% were \
                   proposals; SSD 42 ms, without any.";
        assert_eq!(told(Task::Boxes, &known).as_deref(), Some(two));
        known.note(System::Rcnn, stage("selective-search", 896.0, 0, None), "cpu", 1.0);
        let progress = Some(Progress { done: 100, total: 2000 });
        known.note(System::Rcnn, Stage { progress, ..stage("rcnn-crops", 1500.0, 100, None) }, "cpu", 1.0);
        let sentence = told(Task::Boxes, &known).expect("three systems");
        assert!(sentence.starts_with("R-CNN would take about 31 s, of which 896 ms were proposals; "), "{sentence}");
        assert!(sentence.contains("; Fast R-CNN 1.4 s, of which 64\u{a0}% were proposals; "), "{sentence}");
    }

    #[test]
    fn other_tasks_tell_the_slowest_beside_the_quickest() {
        let map = || Some(Artifact::ClassMap(model::structures::class_map::ClassMap::default()));
        let mut known = Results::new(1);
        known.note(System::Fcn, stage("mobilenet-v2", 20.0, 1, None), "cpu", 1.0);
        known.note(System::Fcn, stage("class-map", 20.0, 0, map()), "cpu", 1.0);
        assert_eq!(told(Task::ClassMap, &known), None, "one alone is no story");
        known.note(System::FcnFull, stage("shifted-passes", 800.0, 16, None), "cpu", 1.0);
        known.note(System::FcnFull, stage("stitched-map", 8.0, 0, map()), "cpu", 1.0);
        let sentence = "Full resolution took 808 ms in 16 passes of the network; Fully convolutional 40 ms in one pass of \
                        the network: 20 times as quick.";
        assert_eq!(told(Task::ClassMap, &known).as_deref(), Some(sentence));
        let mut same = Results::new(1);
        for (system, last) in [(System::Fcn, "class-map"), (System::FcnFull, "stitched-map")] {
            same.note(system, stage(last, 40.0, 0, map()), "cpu", 1.0);
        }
        let sentence = told(Task::ClassMap, &same).expect("two systems");
        assert!(sentence.ends_with("took the same time here: 40 ms."), "{sentence}");
    }

    #[test]
    fn shared_work_is_said_to_have_run_once() {
        let known = results(&[(System::FasterRcnn, &FASTER), (System::FastRcnn, &FAST)]);
        let rows = rows(Task::Boxes, &BTreeSet::new(), &known, None, None, |_| None);
        let sentence = together(&rows).expect("they share the backbone");
        assert!(sentence.starts_with("All 2 took 1.5 s together.") && sentence.contains("104 ms of it"), "{sentence}");
        assert_eq!(together(&rows[..1]), None);
    }

    #[test]
    fn times_have_digits_that_matter() {
        let shown = [0.01, 3.21, 45.4, 190.2, 999.6, 1_400.0, 31_400.0].map(time);
        assert_eq!(shown, ["under 0.1 ms", "3.2 ms", "45 ms", "190 ms", "1.0 s", "1.4 s", "31 s"]);
    }
}
