//! Which of COCO's formats a file of objects has.

/// How objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonFormat {
    /// COCO's results: an array of what was found.
    #[default]
    Results,
    /// COCO's annotation file: photos, what was found in them, categories.
    Dataset,
}

impl JsonFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Results, Self::Dataset];

    /// The word for it in the choice.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Results => "results",
            Self::Dataset => "dataset",
        }
    }

    /// Its name in the choice.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Results => "COCO results",
            Self::Dataset => "COCO data set",
        }
    }

    /// What the names of its files end in.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Results => "lookout",
            Self::Dataset => "coco",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_keys_and_files_of_their_own() {
        let [results, dataset] = JsonFormat::ALL;
        assert!(results.key() != dataset.key() && results.ending() != dataset.ending());
        assert_eq!(results, JsonFormat::default());
    }
}
