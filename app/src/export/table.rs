//! What was found as a table of comma-separated values (RFC 4180), for spreadsheets: a row a thing, a sentence, a class.

use model::coco::DetectionResult;

use super::{
    Exported, Subject,
    reports::corner_and_size,
    results::{joint_names, results_of},
};
use crate::layers::{Layer, ResultData};

/// The columns of a box.
const BOX: [&str; 4] = ["x", "y", "width", "height"];

/// The table of photos, with its header; boxes in pixels of the originals.
pub fn csv(photos: &[Exported]) -> String {
    let leads = || photos.iter().filter_map(|it| Some((it, it.scene.lead()?)));
    let header = leads().next().map(|(_, lead)| header(&lead.data())).unwrap_or_default();
    let rows = leads().flat_map(|(exported, lead)| rows(exported, lead));
    std::iter::once(header).chain(rows).map(|row| line(&row)).collect()
}

fn header(data: &ResultData<'_>) -> Vec<String> {
    let columns = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let mut header = columns(&["file_name"]);
    header.extend(match data {
        ResultData::Detections { .. } => columns(&["class", "score"]),
        ResultData::Skeletons { .. } => columns(&["class", "score"]),
        ResultData::ClassMap(_) => return [header, columns(&["class", "share"])].concat(),
        ResultData::Captions(_) => columns(&["caption", "log_probability"]),
        ResultData::Location(_) => columns(&["class", "probability"]),
    });
    header.extend(columns(&BOX));
    if let ResultData::Skeletons { fourteen, .. } = data {
        let joint = |name: &str| ["x", "y", "score"].map(|column| format!("{} {column}", name));
        header.extend(joint_names(*fourteen).into_iter().flat_map(joint));
    }
    header
}

fn rows(exported: &Exported, lead: &dyn Layer) -> Vec<Vec<String>> {
    let photo = &exported.photo;
    let named = |rest: Vec<String>| [vec![photo.name.clone()], rest].concat();
    match lead.data() {
        ResultData::Detections { .. } | ResultData::Skeletons { .. } => {
            results_of(exported).into_iter().map(|it| named(object(it))).collect()
        }
        ResultData::ClassMap(legend) => {
            legend.entries.iter().map(|it| named(vec![it.name.to_owned(), it.share.to_string()])).collect()
        }
        ResultData::Captions(captions) => {
            let place = |photo: &Subject, region: Option<_>| region.map(|it| corner_and_size(&it, photo.scale()));
            let row = |it: &model::structures::caption::Caption| {
                [vec![it.sentence(), it.log_probability.to_string()], sides(place(photo, it.region))].concat()
            };
            captions.iter().map(|it| named(row(it))).collect()
        }
        ResultData::Location(location) => {
            let (class, probability) = location.best();
            let name = model::structures::location::CLASSES.get(class).copied().unwrap_or_default();
            let place = location.place().map(|it| corner_and_size(it, photo.scale()));
            vec![named([vec![name.to_owned(), probability.to_string()], sides(place)].concat())]
        }
    }
}

fn object(result: DetectionResult) -> Vec<String> {
    let mut row = vec![result.category, result.score.to_string()];
    row.extend(sides(Some(result.bbox)));
    row.extend(result.keypoints.into_iter().flatten().map(|it| it.to_string()));
    row
}

/// The columns of a box; empty without one.
fn sides(bbox: Option<[f32; 4]>) -> Vec<String> {
    bbox.map_or_else(|| vec![String::new(); BOX.len()], |bbox| bbox.map(|it| it.to_string()).to_vec())
}

/// One line; what would be taken for the table's own signs is quoted.
pub fn line(row: &[String]) -> String {
    let field = |text: &String| {
        let is_plain = !text.contains(['"', ',', '\n', '\r']);
        if is_plain { text.clone() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    row.iter().map(field).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use model::{
        catalog::System,
        run::Run,
        structures::{
            boxes::{BBox, Candidate},
            stage::{Artifact, Stage},
        },
    };

    use super::*;
    use crate::{scene::Scene, settings::Settings};

    fn exported(name: &str, found: Vec<Candidate>) -> Exported {
        let mut run = Run::new(System::Ssd);
        let key = System::Ssd.info().stages.last().expect("it has stages").key;
        let artifact = Some(Artifact::Detections(found));
        run.note(Stage { key: key.into(), ms: 1.0, passes: 0, reused: false, queued: false, progress: None, artifact });
        let scene = Scene::of_runs(&[run], &Settings::default());
        Exported { photo: Subject::test(name, (50, 50), (100, 100)), scene }
    }

    #[test]
    fn a_table_has_a_row_a_thing_in_pixels_of_the_original() {
        let dog = Candidate { bbox: BBox::new(1.0, 2.0, 11.0, 22.5), class: 18, score: 0.75, prior: 0 };
        let photos = [exported("a, \"b\".jpg", vec![dog]), exported("none.jpg", vec![]), exported("c.jpg", vec![dog])];
        let table = csv(&photos);
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines[0], "file_name,class,score,x,y,width,height");
        assert_eq!(lines[1], "\"a, \"\"b\"\".jpg\",dog,0.75,2,4,20,41");
        assert_eq!(&lines[2..], ["c.jpg,dog,0.75,2,4,20,41", ""]);
    }

    #[test]
    fn many_photos_are_one_data_set() {
        let dog = Candidate { bbox: BBox::new(1.0, 2.0, 11.0, 22.5), class: 18, score: 0.75, prior: 0 };
        let photos = [exported("a.jpg", vec![dog]), exported("none.jpg", vec![]), exported("c.jpg", vec![dog, dog])];
        let json = super::super::results::json(&photos, crate::json_format::JsonFormat::Dataset).expect("plain data");
        let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        let count = |key: &str| read[key].as_array().map(Vec::len);
        assert_eq!((count("images"), count("annotations"), count("categories")), (Some(3), Some(2), Some(1)));
        let ids: std::collections::BTreeSet<_> =
            read["annotations"].as_array().iter().flat_map(|it| it.iter()).map(|it| it["id"].as_u64()).collect();
        assert_eq!(ids.len(), 2, "duplicates are suppressed, and numbers are given once");
    }
}
