//! Words as caption measures compare them.

/// Endings that the Penn Treebank's rules split off.
const CLITICS: [&str; 7] = ["n't", "'s", "'m", "'d", "'ll", "'re", "'ve"];

/// The words of a sentence: lower case, without punctuation.
///
/// COCO's evaluation runs Stanford's Penn Treebank tokenizer (a Java program) and drops punctuation. This does the same for
/// plain captions: words are parted at white space, and at whatever is neither a letter, a digit, an apostrophe, nor a
/// hyphen, point, comma, colon or slash between two letters or digits; `'s`, `n't` and the like become words of their own.
/// It does not know abbreviations ("U.S.", "Mr.") or contractions without an apostrophe ("cannot").
#[must_use]
pub fn tokens(sentence: &str) -> Vec<String> {
    let text: Vec<char> = sentence.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'").chars().collect();
    let letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric());
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in text.iter().enumerate() {
        let between = letter(i.checked_sub(1)) && letter(Some(i + 1));
        let joins = match c {
            '\'' => letter(i.checked_sub(1)) || letter(Some(i + 1)),
            '-' | '.' | ',' | ':' | '/' | '&' => between,
            c => c.is_alphanumeric(),
        };
        if joins {
            word.push(c);
        } else {
            finish(&mut word, &mut words);
        }
    }
    finish(&mut word, &mut words);
    words
}

/// Ends a word: its clitic becomes a word of its own, quotes round it go.
fn finish(word: &mut String, words: &mut Vec<String>) {
    let whole = std::mem::take(word);
    if CLITICS.contains(&whole.as_str()) {
        words.push(whole);
        return;
    }
    let bare = whole.trim_matches('\'');
    let clitic = CLITICS.iter().find(|clitic| bare.len() > clitic.len() && bare.ends_with(*clitic));
    match clitic {
        Some(clitic) => {
            words.push(bare[..bare.len() - clitic.len()].to_owned());
            words.push((*clitic).to_owned());
        }
        None if bare.is_empty() => {}
        None => words.push(bare.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_words(sentence: &str, words: &str) {
        assert_eq!(tokens(sentence).join(" "), words);
    }

    #[test]
    fn punctuation_goes_and_clitics_part() {
        assert_words("A dog 's ball , in the snow .", "a dog 's ball in the snow");
        assert_words("The man's dog doesn't run.", "the man 's dog does n't run");
        assert_words(
            "Two \"happy\" (small) t-shirts -- one is red; 3.5 m!",
            "two happy small t-shirts one is red 3.5 m",
        );
        assert_words("the 'big' dogs' bowl", "the big dogs bowl");
        assert_words("It\u{2019}s a black/white cat...and", "it 's a black/white cat and");
        assert_words("Caf\u{e9} \u{201c}Zur Post\u{201d}\n", "caf\u{e9} zur post");
        assert_words(" . ' - ", "");
    }
}
