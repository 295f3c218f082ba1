//! Code as rustfmt lays it out, for the few constructs that clients are made of.

use crate::source::Source;

/// What rustfmt leaves of a call's arguments, an array or a chain of calls on one line, in characters.
const SHORT: usize = 60;

/// A method that is called in a chain.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
}

/// An argument.
pub(super) enum Argument {
    /// An expression that is not broken.
    Plain(String),
    /// A borrowed array.
    Array(Vec<String>),
}

impl Argument {
    fn line(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Array(items) => format!("&[{}]", items.join(", ")),
        }
    }
}

impl Step {
    fn arguments_line(&self) -> String {
        self.arguments.iter().map(Argument::line).collect::<Vec<_>>().join(", ")
    }

    fn line(&self) -> String {
        format!(".{}({})", self.name, self.arguments_line())
    }

    /// Whether it stays on one line there.
    fn is_short(&self, source: &Source, before: &str) -> bool {
        self.arguments_line().chars().count() <= SHORT && source.fits(&format!("{before}{}", self.line()))
    }

    /// Writes it after `before`, its arguments below each other unless they fit.
    fn write(&self, source: &mut Source, before: &str) {
        if self.is_short(source, before) {
            return source.line(format!("{before}{}", self.line()));
        }
        source.block(format!("{before}.{}(", self.name), ")", |source| {
            for argument in &self.arguments {
                match argument {
                    Argument::Array(items) if !is_short_list(source, &argument.line(), items) => {
                        list(source, "&[", "],", items);
                    }
                    _ => source.line(argument.line() + ","),
                }
            }
        });
    }
}

/// Whether an array stays on one line.
fn is_short_list(source: &Source, line: &str, items: &[String]) -> bool {
    items.join(", ").chars().count() <= SHORT && source.fits(&format!("{line},"))
}

/// The import of several names: on one line, or as many of them on each line as fit.
pub(super) fn imports<'a>(module: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    const WIDTH: usize = 100;
    let line = format!("use {module}::{{{}}};", names.clone().collect::<Vec<_>>().join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let mut lines = vec![format!("use {module}::{{")];
    let mut current = String::new();
    for name in names {
        // The indentation and a comma come besides.
        if !current.is_empty() && current.len() + name.len() + 6 > WIDTH {
            lines.push(format!("    {current}"));
            current.clear();
        }
        let space = if current.is_empty() { "" } else { " " };
        current += &format!("{space}{name},");
    }
    lines.push(format!("    {current}"));
    lines.push("};".to_owned());
    lines.join("\n")
}

/// Writes items below each other.
pub(super) fn list(source: &mut Source, open: &str, close: &str, items: &[String]) {
    source.block(open, close, |source| {
        for item in items {
            source.line(format!("{item},"));
        }
    });
}

/// Writes `let … = vec![…];`.
pub(super) fn vec(source: &mut Source, binding: &str, items: &[String]) {
    let value =
        if items.is_empty() { "Vec::new();".to_owned() } else { format!("vec![{}];", items.join(", ")) };
    let is_short = items.join(", ").chars().count() <= SHORT;
    let line = format!("{binding} = {value}");
    let mut fits_below = false;
    source.indented(|source| fits_below = source.fits(&value));
    if is_short && source.fits(&line) {
        source.line(line);
    } else if is_short && fits_below {
        source.line(format!("{binding} ="));
        source.indented(|source| source.line(value));
    } else {
        list(source, &format!("{binding} = vec!["), "];", items);
    }
}

/// Writes `list.push((name, value));`.
pub(super) fn push(source: &mut Source, list: &str, name: &str) {
    let line = format!("{list}.push(({name:?}, value));");
    // The inner parentheses count as an argument.
    if format!("({name:?}, value)").chars().count() <= SHORT && source.fits(&line) {
        source.line(line);
    } else {
        self::list(source, &format!("{list}.push(("), "));", &[format!("{name:?}"), "value".to_owned()]);
    }
}

/// Writes a field of a struct.
pub(super) fn field(source: &mut Source, name: &str, ty: &str) {
    let line = format!("pub {name}: {ty},");
    if source.fits(&line) {
        source.line(line);
    } else {
        source.line(format!("pub {name}:"));
        source.indented(|source| source.line(format!("{ty},")));
    }
}

/// Writes the value of a block: methods called on `self.0`.
pub(super) fn chain(source: &mut Source, steps: &[Step]) {
    let root = "self.0";
    let line = steps.iter().fold(root.to_owned(), |line, step| line + &step.line());
    let all_short = steps.iter().all(|step| step.is_short(source, ""));
    if line.chars().count() <= SHORT && source.fits(&line) && all_short {
        return source.line(line);
    }
    if let [step] = steps {
        let mut fits_below = false;
        source.indented(|source| fits_below = step.is_short(source, ""));
        if !fits_below {
            return step.write(source, root);
        }
    }
    source.line(root);
    source.indented(|source| steps.iter().for_each(|step| step.write(source, "")));
}

/// Writes a function: its head, on one line or with its parameters below each other, and its body.
pub(super) fn function(
    source: &mut Source,
    name: &str,
    parameters: &[String],
    returns: &str,
    body: impl FnOnce(&mut Source),
) {
    let line = format!("pub fn {name}({}) -> {returns} {{", parameters.join(", "));
    if source.fits(&line) {
        return source.block(line, "}", body);
    }
    list(source, &format!("pub fn {name}("), &format!(") -> {returns} {{"), parameters);
    source.indented(body);
    source.line("}");
}
