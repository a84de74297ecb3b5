//! What may have been meant.

use std::fmt::Display;

/// The one of `names` that is nearest to `word`, where one is near. Two letters that changed places
/// are one mistake.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_lowercase();
    let mistakes = |name: &&str| strsim::osa_distance(&word, &name.to_lowercase());
    let unlike = |name: &&str| (mistakes(name), name.len().abs_diff(word.len()));
    let nearest = names.into_iter().min_by_key(unlike)?;
    // A word of which half is wrong may be anything.
    let allowed = (nearest.chars().count().min(word.chars().count()) / 3).clamp(1, 3);
    (mistakes(&nearest) <= allowed && word.len() > 1).then_some(nearest)
}

/// `message`, and the one of `names` that what stands before a colon in `text` may be meant to be.
pub(super) fn add(message: impl Display, text: &str, names: &[&str]) -> String {
    let (word, rest) = match text.find(':') {
        Some(colon) => text.split_at(colon),
        None => (text, ""),
    };
    match nearest(word, names.iter().copied()).filter(|name| *name != word) {
        Some(name) => format!("{message}; did you mean `{name}{rest}`?"),
        None => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_nothing_far() {
        let names = ["mode", "model", "method", "html", "check", "server", "json", "last"];
        for (word, expected) in [
            ("modle", Some("model")),
            ("modl", Some("mode")),
            ("chek", Some("check")),
            ("sevrer", Some("server")),
            ("jsn", Some("json")),
            ("x", None),
            ("localhost", None),
            ("web", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
        assert_eq!(add("no rule", "jsn:/a", &names), "no rule; did you mean `json:/a`?");
        assert_eq!(add("no rule", "json:a", &names), "no rule");
    }
}
