//! Documentation: the comments above something that begin with `###`.

/// The documentation above the line with this byte: of the lines before it, up to one that is neither a comment nor empty, those
/// that begin with `###` at the same indentation. Other comments are no documentation.
pub(crate) fn above(source: &str, at: usize) -> String {
    let line_start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    let before = &source[line_start..at];
    let indentation = before.len() - before.trim_start_matches(' ').len();
    // Something else stands before it on its line: what is above belongs to that.
    if !before[indentation..].trim_start_matches(['-', ' ']).is_empty() {
        return String::new();
    }
    let mut lines: Vec<_> = source[..line_start]
        .lines()
        .rev()
        .take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        .filter(|line| line.len() - line.trim_start_matches(' ').len() == indentation)
        .filter_map(|line| line.trim_start().strip_prefix("###"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    lines.reverse();
    lines.join("\n").trim_matches('\n').to_owned()
}
