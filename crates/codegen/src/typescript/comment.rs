//! Comments that tools show.

/// The lines of a comment with documentation, a deprecation and tags such as `@returns {number}`; none if there is nothing
/// to say.
pub(crate) fn lines(docs: &str, deprecated: Option<&str>, tags: &[String]) -> Vec<String> {
    let mut said: Vec<String> = docs.trim().lines().map(without_tags).collect();
    let deprecated = deprecated.map(|reason| format!("@deprecated {reason}").trim_end().to_owned());
    let tags: Vec<_> = deprecated.into_iter().chain(tags.iter().cloned()).collect();
    if !said.is_empty() && !tags.is_empty() {
        said.push(String::new());
    }
    said.extend(tags.iter().flat_map(|tag| tag.lines()).map(str::to_owned));
    said.iter_mut().for_each(|line| *line = line.replace("*/", "*\\/"));
    match &said[..] {
        [] => Vec::new(),
        [line] => vec![format!("/** {line} */")],
        _ => {
            let inner = said.iter().map(|line| format!(" * {line}").trim_end().to_owned());
            ["/**".to_owned()].into_iter().chain(inner).chain([" */".to_owned()]).collect()
        }
    }
}

/// A line of documentation in which no word is a tag: those can change what the compiler takes something for.
fn without_tags(line: &str) -> String {
    let mut text = String::new();
    for c in line.trim_end().chars() {
        if c == '@' && text.chars().next_back().is_none_or(char::is_whitespace) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn comments_are_as_short_as_they_can_be() {
        assert!(lines("", None, &[]).is_empty());
        assert_eq!(lines("A shape.", None, &[]), ["/** A shape. */"]);
        assert_eq!(lines("", Some(""), &[]), ["/** @deprecated */"]);
        assert_eq!(lines("One.\n\nTwo */.", None, &[]), ["/**", " * One.", " *", " * Two *\\/.", " */"]);
        assert_eq!(lines("@type {a} a@b {@link c} @d", None, &[]), ["/** \\@type {a} a@b {@link c} \\@d */"]);
        let default = ["@param glob `\"**/*\"` if it is left out.".to_owned()];
        assert_eq!(lines("", None, &default), ["/** @param glob `\"**\\/*\"` if it is left out. */"]);
        let tags = ["@returns {number}".to_owned()];
        assert_eq!(
            lines("One.", Some("No."), &tags),
            ["/**", " * One.", " *", " * @deprecated No.", " * @returns {number}", " */"]
        );
    }
}
