//! Comments that tools show.

/// The lines of a comment with documentation, a deprecation and tags such as `@returns {number}`; none if there is nothing
/// to say.
pub(crate) fn lines(docs: &str, deprecated: Option<&str>, tags: &[String]) -> Vec<String> {
    let mut said: Vec<String> =
        docs.trim().lines().map(|line| line.trim_end().replace("*/", "*\\/")).collect();
    let deprecated = deprecated
        .map(|reason| format!("@deprecated {}", reason.replace("*/", "*\\/")).trim_end().to_owned());
    let tags: Vec<_> = deprecated.into_iter().chain(tags.iter().cloned()).collect();
    if !said.is_empty() && !tags.is_empty() {
        said.push(String::new());
    }
    said.extend(tags.iter().flat_map(|tag| tag.lines()).map(str::to_owned));
    match &said[..] {
        [] => Vec::new(),
        [line] => vec![format!("/** {line} */")],
        _ => {
            let inner = said.iter().map(|line| format!(" * {line}").trim_end().to_owned());
            ["/**".to_owned()].into_iter().chain(inner).chain([" */".to_owned()]).collect()
        }
    }
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
        let tags = ["@returns {number}".to_owned()];
        assert_eq!(
            lines("One.", Some("No."), &tags),
            ["/**", " * One.", " *", " * @deprecated No.", " * @returns {number}", " */"]
        );
    }
}
