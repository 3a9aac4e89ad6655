//! The comparison as a table: CSV and JSON.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{parts::Part, row::Shown, rows::State};
use crate::{
    export::{csv_line, save, stem, tell, text_file},
    state::Actions,
};

/// The name of the photo on show without its ending.
pub fn photo_name(actions: Actions) -> String {
    actions.photo.shown.with_untracked(|photo| photo.as_ref().map(|it| stem(&it.name).to_owned())).unwrap_or_default()
}

/// Saves the table as CSV.
pub fn save_csv(actions: Actions, rows: &[Shown]) {
    save_text(actions, &csv(rows), "csv", "text/csv");
}

/// Saves the table as JSON.
pub fn save_json(actions: Actions, rows: &[Shown]) {
    let photo = photo_name(actions);
    let device = actions.result.engine.device.get_untracked().unwrap_or_default();
    let task = actions.result.task.get_untracked().key();
    let settings = actions.result.settings.get_untracked();
    let table = json!({
        "photo": photo,
        "task": task,
        "device": device,
        "score_at_least": rounded(settings.score),
        "iou_of_suppression": rounded(settings.iou),
        "systems": rows.iter().map(object).collect::<Vec<_>>(),
    });
    save_text(actions, &format!("{table:#}\n"), "json", "application/json");
}

fn save_text(actions: Actions, text: &str, ending: &str, kind: &str) {
    let name = format!("{}-compare.{ending}", photo_name(actions));
    let saved = text_file(text, kind).and_then(|file| save(&file, &name));
    tell(actions.view, saved.map(|it| it.told(format!("{name} was saved."))));
}

/// A setting as its slider shows it.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e3).round() / 1e3
}

fn microseconds(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

/// A row of the table. What is not known is null; published numbers are under `published`.
fn object(shown: &Shown) -> Value {
    let (row, found) = (&shown.row, shown.found.filter(|it| it.truth > 0));
    let split = row.run.is_some().then_some(&row.split);
    let parts = split.map(|split| {
        let parts = Part::ALL.into_iter().filter(|&part| split.ms(part) > 0.0);
        parts
            .map(|part| (part.key().to_owned(), json!(microseconds(split.ms(part)))))
            .collect::<serde_json::Map<_, _>>()
    });
    let extrapolated = row.whole_ms.filter(|_| row.state != State::Done).map(microseconds);
    json!({
        "system": row.system.key(),
        "title": row.info().title,
        "paper": row.info().paper,
        "state": row.state.key(),
        "ms": row.ms().map(microseconds),
        "ms_shared_with_earlier_rows": split.map(|it| microseconds(it.shared_ms())),
        "ms_extrapolated": extrapolated,
        "parts_ms": parts,
        "passes": split.map(|_| row.passes),
        "proposals": row.proposals().map(<[_]>::len),
        "results": shown.count,
        "marked": found.map(|it| it.truth),
        "found_of_marked": found.map(|it| it.found),
        "held_by_proposals": found.and_then(|it| it.held),
        "agreement_with_first_row": shown.agreement.map(rounded),
        "measured": row.system.measured().map(|it| json!({
            "value": rounded(it.value),
            "measure": it.measure,
            "on": it.on,
            "ssd_on_the_same": it.ssd_there.map(rounded),
            "card": it.card,
            "command": it.command,
        })),
        "published": row.system.published().map(|it| json!({
            "seconds": it.seconds,
            "without": it.without,
            "quality": it.quality,
            "measure": it.measure,
            "setting": it.setting,
            "source": it.source,
        })),
    })
}

/// The columns of the CSV table: paths into a row's object.
const COLUMNS: [&str; 23] = [
    "system",
    "state",
    "ms",
    "ms_shared_with_earlier_rows",
    "ms_extrapolated",
    "parts_ms.proposals",
    "parts_ms.backbone",
    "parts_ms.heads",
    "parts_ms.suppression",
    "parts_ms.together",
    "passes",
    "proposals",
    "results",
    "marked",
    "found_of_marked",
    "held_by_proposals",
    "agreement_with_first_row",
    "measured.value",
    "measured.measure",
    "measured.on",
    "published.seconds",
    "published.quality",
    "published.source",
];

fn csv(rows: &[Shown]) -> String {
    let header = COLUMNS.map(|it| it.replace('.', "_"));
    let row = |shown: &Shown| {
        let object = object(shown);
        COLUMNS.map(|path| cell(path.split('.').fold(&object, |value, key| &value[key])))
    };
    std::iter::once(header).chain(rows.iter().map(row)).map(|it| csv_line(&it)).collect()
}

/// A value as a table holds it: what is not known is empty.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::catalog::{System, Task};

    use super::{
        super::{
            row::Found,
            rows::{rows, tests::results},
        },
        *,
    };
    use crate::scene::Scene;

    fn table() -> Vec<Shown> {
        let known = results(&[(System::Ssd, &[("mobilenet-v2", 30.0, 1), ("corrections", 12.5, 0)])]);
        let without = BTreeSet::from([System::Rcnn]);
        let rows = rows(Task::Boxes, &without, &known, Some("cpu"), None, |_| Some(0.25));
        let found = |row: &super::super::rows::Row| row.run.as_ref().map(|_| Found { found: 2, held: None, truth: 3 });
        let shown = |row: super::super::rows::Row| Shown {
            found: found(&row),
            row,
            scene: Scene::default(),
            count: Some(2),
            agreement: None,
        };
        rows.into_iter().map(shown).collect()
    }

    #[test]
    fn a_table_has_a_row_a_system_and_marks_what_is_published() {
        let csv = csv(&table());
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines.len(), 1 + Task::Boxes.systems().count() + 1);
        assert!(lines[0].starts_with("system,state,ms,") && lines[0].ends_with("published_quality,published_source"));
        let ssd = "ssd,done,42.75,0.0,,,30.0,12.5,0.25,,1,0,2,3,2,,,0.668,VOC mAP,483 photos,0.022,74.3 to 77.2,Liu et al. 2016";
        assert_eq!(lines[1], ssd);
        assert!(lines[8].starts_with("rcnn,left-out,,,"), "{}", lines[8]);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let rcnn = object(&table()[7]);
        assert_eq!((&rcnn["ms"], &rcnn["parts_ms"], &rcnn["passes"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(rcnn["published"]["seconds"], json!(47.0));
        assert_eq!(rcnn["measured"]["ssd_on_the_same"], json!(0.75));
    }
}
