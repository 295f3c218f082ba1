//! Laying out code as prettier does.

/// How long a line may be.
const WIDTH: usize = 100;

/// Code that stands on one line if it fits there.
#[derive(Debug, Clone)]
pub(crate) enum Code {
    /// What is never broken.
    Text(String),
    /// One after the other.
    Row(Vec<Code>),
    /// Items in brackets.
    Group(Brackets, Vec<Item>),
}

/// What stands around items, and between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brackets {
    /// `{ a, b }`
    Object,
    /// `{ a; b }`
    ObjectType,
    /// `[a, b]`
    Array,
    /// `(a, b)`
    Call,
}

/// One of several in brackets.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The lines of a comment above it.
    pub(crate) comment: Vec<String>,
    /// The item itself.
    pub(crate) code: Code,
}

impl From<Code> for Item {
    fn from(code: Code) -> Self {
        Self { comment: Vec::new(), code }
    }
}

impl From<String> for Code {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Code {
    /// `function(arguments)`
    pub(crate) fn call(function: impl Into<Self>, arguments: Vec<Self>) -> Self {
        let arguments = arguments.into_iter().map(Item::from).collect();
        Self::Row(vec![function.into(), Self::Group(Brackets::Call, arguments)])
    }

    /// `{ items }`
    pub(crate) fn object(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Group(Brackets::Object, items.into_iter().map(Item::from).collect())
    }

    /// `[items]`
    pub(crate) fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Group(Brackets::Array, items.into_iter().map(Item::from).collect())
    }

    /// This code between two texts.
    pub(crate) fn between(self, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self::Row(vec![Self::Text(before.into()), self, Self::Text(after.into())])
    }

    /// The text, for a place that is indented by `level` levels. Its first line is not indented, and the others only as
    /// against that.
    pub(crate) fn print(&self, level: usize) -> String {
        let mut printer = Printer { text: String::new(), width: WIDTH - 2 * level };
        printer.write(self, 0, 0);
        printer.text
    }

    /// All of it on one line, unless there is a comment in it.
    fn flat(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Row(parts) => parts.iter().map(Self::flat).collect(),
            Self::Group(brackets, items) if items.is_empty() => {
                Some([brackets.open(), brackets.close()].concat())
            }
            Self::Group(brackets, items) => {
                let items = items.iter().map(|item| item.code.flat().filter(|_| item.comment.is_empty()));
                let items = items.collect::<Option<Vec<_>>>()?.join(brackets.separator());
                let pad = brackets.pad();
                Some(format!("{}{pad}{items}{pad}{}", brackets.open(), brackets.close()))
            }
        }
    }

    /// What may stay on the line of its call when it is broken, as the call's last argument: items in brackets, and what
    /// stands before those.
    fn hugged(&self) -> Option<(&str, Brackets, &[Item])> {
        match self {
            Self::Group(brackets, items) if *brackets != Brackets::Call && !items.is_empty() => {
                Some(("", *brackets, items))
            }
            Self::Row(parts) => match &parts[..] {
                // With a comment before it, prettier does not.
                [Self::Text(arrow), body] if arrow.ends_with("=> ") && !arrow.starts_with('/') => {
                    body.hugged().map(|(_, brackets, items)| (&arrow[..], brackets, items))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl Brackets {
    fn open(self) -> &'static str {
        match self {
            Self::Object | Self::ObjectType => "{",
            Self::Array => "[",
            Self::Call => "(",
        }
    }

    fn close(self) -> &'static str {
        match self {
            Self::Object | Self::ObjectType => "}",
            Self::Array => "]",
            Self::Call => ")",
        }
    }

    fn pad(self) -> &'static str {
        match self {
            Self::Object | Self::ObjectType => " ",
            Self::Array | Self::Call => "",
        }
    }

    fn separator(self) -> &'static str {
        if self == Self::ObjectType { "; " } else { ", " }
    }
}

struct Printer {
    text: String,
    width: usize,
}

impl Printer {
    /// Writes `code`, whose own lines are indented by `indent` characters and whose last line is followed by `after` more.
    fn write(&mut self, code: &Code, indent: usize, after: usize) {
        match code {
            Code::Text(text) => self.text.push_str(text),
            Code::Row(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    let rest = parts[index + 1..].iter().map(|part| part.flat().map_or(1, |text| text.len()));
                    self.write(part, indent, rest.sum::<usize>() + after);
                }
            }
            Code::Group(brackets, items) => match code.flat() {
                Some(text) if self.column() + text.chars().count() + after <= self.width => {
                    self.text.push_str(&text)
                }
                _ => self.write_broken(*brackets, items, indent),
            },
        }
    }

    fn write_broken(&mut self, brackets: Brackets, items: &[Item], indent: usize) {
        self.text.push_str(brackets.open());
        if brackets == Brackets::Call && self.write_hugged(items, indent) {
            return;
        }
        let inner = indent + 2;
        for item in items {
            for line in &item.comment {
                self.new_line(inner);
                self.text.push_str(line);
            }
            self.new_line(inner);
            self.write(&item.code, inner, 1);
            self.text.push_str(brackets.separator().trim_end());
        }
        self.new_line(indent);
        self.text.push_str(brackets.close());
    }

    /// Writes the arguments of a call on its line, but for the last one, which is broken there. Returns whether that can be.
    fn write_hugged(&mut self, items: &[Item], indent: usize) -> bool {
        let Some((last, others)) = items.split_last() else { return false };
        let Some((arrow, brackets, items)) = last.code.hugged() else { return false };
        let others = others.iter().map(|item| item.code.flat().filter(|_| item.comment.is_empty()));
        let Some(others) = others.collect::<Option<Vec<_>>>() else { return false };
        let head: String = others.iter().flat_map(|other| [other, ", "]).chain([arrow]).collect();
        if self.column() + head.chars().count() + brackets.open().len() > self.width {
            return false;
        }
        self.text.push_str(&head);
        self.write_broken(brackets, items, indent);
        self.text.push_str(Brackets::Call.close());
        true
    }

    fn new_line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    fn column(&self) -> usize {
        let line = self.text.rfind('\n').map_or(0, |at| at + 1);
        self.text[line..].chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &Code, level: usize, expected: &str) {
        assert_eq!(code.print(level), expected);
    }

    fn fields(count: usize) -> Code {
        Code::object((0..count).map(|n| Code::from(format!("field{n}: nullable(string)"))))
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        check(
            &Code::call("model", vec!["\"A\"".into(), fields(1)]),
            0,
            "model(\"A\", { field0: nullable(string) })",
        );
        check(&Code::object([]), 0, "{}");
        check(&Code::array(["1".into(), "2".into()]), 0, "[1, 2]");
    }

    #[test]
    fn the_last_argument_is_broken_first() {
        let call = Code::call("model", vec!["\"A\"".into(), fields(4)]);
        let lines: String = (0..4).map(|n| format!("  field{n}: nullable(string),\n")).collect();
        check(&call, 0, &format!("model(\"A\", {{\n{lines}}})"));
        let lines = lines.replace("  field", "    field");
        check(
            &Code::call("immutable", vec![call]),
            0,
            &format!("immutable(\n  model(\"A\", {{\n{lines}  }}),\n)"),
        );
    }

    #[test]
    fn what_stands_before_the_last_argument_needs_room() {
        let array = Code::array(["a".into(), "b".into()]).between("() => ", "");
        let Code::Row(parts) = array else { unreachable!() };
        let call =
            |first: usize| Code::call("f", vec!["x".repeat(first).into(), Code::Row(parts[..2].to_vec())]);
        check(&call(88), 0, &format!("f({}, () => [\n  a,\n  b,\n])", "x".repeat(88)));
        check(&call(90), 0, &format!("f(\n  {},\n  () => [a, b],\n)", "x".repeat(90)));
    }

    #[test]
    fn the_line_is_full_at_its_last_column() {
        let text = |length: usize| Code::call("f", vec!["x".repeat(length - 3).into()]);
        check(&text(100), 0, &format!("f({})", "x".repeat(97)));
        check(&text(101), 0, &format!("f(\n  {},\n)", "x".repeat(98)));
        check(&text(98), 1, &format!("f({})", "x".repeat(95)));
        check(&text(99).between("", ";"), 0, &format!("f({});", "x".repeat(96)));
        check(&text(100).between("", ";"), 0, &format!("f(\n  {},\n);", "x".repeat(97)));
    }

    #[test]
    fn a_comment_has_lines_of_its_own() {
        let item = Item { comment: vec!["/** One. */".into()], code: "\"a\"".into() };
        let array = Code::Group(Brackets::Array, vec![item, Code::from("\"b\"").into()]);
        check(&array, 0, "[\n  /** One. */\n  \"a\",\n  \"b\",\n]");
    }
}
