//! Changes of some of the address's parameters, as hosts of a frame and steps of a lesson ask for them.

use thiserror::Error;

use super::{
    PARAMETERS, UrlState,
    escape::{escape, unescape},
};
use crate::words::faults;

/// Parameters whose values are addresses: given as they are, escaped in the page's own address.
const ADDRESSES: [&str; 2] = ["photo", "lesson"];

/// A setting that there is not.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", faults::no_setting(.0))]
pub struct SettingError(String);

impl UrlState {
    /// The state with those parameters changed that a query holds, where everything in it is understood.
    ///
    /// # Errors
    /// A sentence about what is not.
    pub fn changed_by_query(&self, query: &str) -> Result<Self, String> {
        let pairs = query.trim_start_matches('?').split('&').filter(|it| !it.is_empty());
        let read = |pair: &str| {
            let (key, value) = pair.split_once('=').ok_or_else(|| SettingError(pair.to_owned()))?;
            let is_address = ADDRESSES.contains(&key);
            let value = if is_address { unescape(value) } else { Some(value.to_owned()) };
            Ok((key.to_owned(), value.ok_or_else(|| SettingError(pair.to_owned()))?))
        };
        let pairs = pairs.map(read).collect::<Result<Vec<_>, SettingError>>();
        let state = pairs.and_then(|it| self.changed(&it)).map_err(|error| error.to_string())?;
        if state.unknown.is_empty() { Ok(state) } else { Err(state.unknown.join(" ")) }
    }

    /// The state with some parameters changed.
    ///
    /// A task without a system is answered by its default; a system brings its task; a stage opens the look inside and an
    /// empty one closes it; a photo takes the place of the sample, and the reverse.
    ///
    /// # Arguments
    /// * `changes` - keys of the address with their values, not escaped; an empty value is the usual one.
    ///
    /// # Errors
    /// For a key that is none.
    pub fn changed(&self, changes: &[(String, String)]) -> Result<Self, SettingError> {
        if let Some((key, _)) = changes.iter().find(|(key, _)| PARAMETERS.iter().all(|it| it.key != key)) {
            return Err(SettingError(key.clone()));
        }
        let given = |key: &str| changes.iter().any(|it| it.0 == key);
        let value_of = |key: &str| changes.iter().find(|it| it.0 == key).map(|it| it.1.as_str());
        let outdated = |key: &str| match key {
            "task" => given("system"),
            "system" => given("task"),
            "stage" => given("task") || given("system"),
            "sample" => value_of("photo").is_some_and(|it| !it.is_empty()),
            "photo" => value_of("sample").is_some_and(|it| !it.is_empty()),
            _ => false,
        };
        let query = self.query();
        let kept = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let mut pairs: Vec<(String, String)> = kept
            .filter(|(key, _)| !given(key) && !outdated(key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        pairs.extend(changes.iter().map(|(key, value)| {
            let is_address = ADDRESSES.contains(&key.as_str());
            (key.clone(), if is_address { escape(value) } else { value.clone() })
        }));
        if let (Some(stage), false) = (value_of("stage"), given("inside")) {
            pairs.retain(|it| it.0 != "inside");
            pairs.push(("inside".into(), if stage.is_empty() { String::new() } else { "1".into() }));
        }
        Ok(Self::from_pairs(&pairs.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use model::catalog::{System, Task};

    use super::*;
    use crate::controls::Controls;

    fn changed(query: &str, changes: &[(&str, &str)]) -> UrlState {
        let changes: Vec<_> = changes.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        UrlState::parse(query).changed(&changes).expect("known settings")
    }

    #[test]
    fn what_is_not_named_stays_and_an_empty_value_is_the_usual_one() {
        let state = changed("?task=masks&score=0.3&sample=cat&controls=few", &[("score", ""), ("iou", "0.7")]);
        assert_eq!(state.query(), "?task=masks&iou=0.7&sample=cat&controls=few");
        assert_eq!(changed("?controls=few", &[("controls", "none")]).controls, Controls::None);
    }

    #[test]
    fn task_and_system_follow_each_other() {
        let state = changed("?task=boxes&system=faster-rcnn&inside=1&stage=rpn", &[("task", "masks")]);
        assert_eq!((state.task, state.system, state.stage, state.unknown.len()), (Task::Masks, None, None, 0));
        let state = changed("?task=skeletons", &[("system", "yolo")]);
        assert_eq!((state.task, state.system), (Task::Boxes, Some(System::Yolo)));
        let state = changed("?task=skeletons", &[("system", "hog")]);
        assert_eq!(state.unknown.len(), 1);
    }

    #[test]
    fn a_stage_opens_the_look_inside() {
        let state = changed("", &[("stage", "suppression")]);
        assert!(state.inside && state.stage.as_deref() == Some("suppression"));
        assert!(!changed("?inside=1&stage=suppression", &[("stage", "")]).inside);
        assert!(changed("", &[("stage", ""), ("inside", "1")]).inside);
    }

    #[test]
    fn photos_take_each_other_s_place() {
        let address = "https://a.org/x?y=%20&z";
        let state = changed("?sample=cat", &[("photo", address)]);
        assert_eq!((state.sample, state.photo.as_deref()), (None, Some(address)));
        assert_eq!(changed("?photo=a.jpg", &[("sample", "cat")]).photo, None);
        assert_eq!(changed("?photo=a.jpg", &[("sample", "")]).photo.as_deref(), Some("a.jpg"));
    }

    #[test]
    fn a_query_has_to_be_understood_as_a_whole() {
        let read = |query: &str| UrlState::default().changed_by_query(query);
        assert_eq!(
            read("?task=masks&photo=a%20b.jpg").map(|it| (it.task, it.photo)),
            Ok((Task::Masks, Some("a b.jpg".into())))
        );
        for query in ["task", "tsak=masks", "task=dance", "photo=%zz"] {
            assert!(read(query).is_err_and(|it| it.ends_with('.')), "{query}");
        }
    }

    #[test]
    fn unknown_settings_are_named() {
        let error = UrlState::default().changed(&[("tsak".into(), "masks".into())]);
        assert_eq!(error, Err(SettingError("tsak".into())));
    }
}
