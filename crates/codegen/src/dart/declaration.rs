//! What stands before a declaration, and how declarations follow each other.

use super::field::string;

/// Documentation as Dart's comments.
pub(super) fn docs(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", format!("/// {line}").trim_end())).collect()
}

/// The annotation of what is not to be used any more.
pub(super) fn deprecated(reason: Option<&str>) -> String {
    match reason {
        None => String::new(),
        Some("") => "@deprecated\n".to_owned(),
        Some(reason) => format!("@Deprecated({})\n", string(reason)),
    }
}

/// A block of members or declarations, with an empty line between each two.
pub(super) fn spaced(members: impl IntoIterator<Item = String>) -> String {
    let members: Vec<String> = members.into_iter().filter(|member| !member.is_empty()).collect();
    members.join("\n\n")
}
