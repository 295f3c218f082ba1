//! Reading parameters.

use super::list::ListStyle;
use super::parser::Parser;
use super::piece::{Element, Id, Piece};

impl Parser<'_> {
    /// Parameters, and whether some are optional.
    pub(super) fn parameters(&mut self) -> (Id, bool) {
        self.expect("(");
        let (mut elements, mut comma): (Vec<Element>, _) = (Vec::new(), false);
        let (mut open, mut close) = ("(", ")");
        while !self.take(")") {
            if self.at("{") || self.at("[") {
                let named = self.advance() == "{";
                close = if named { "})" } else { "])" };
                match elements.last_mut() {
                    Some(last) => last.delimiter = Some(if named { ", {" } else { ", [" }),
                    None => open = if named { "({" } else { "([" },
                }
            }
            let content = self.parameter();
            elements.push(Element { content, delimiter: None });
            comma = self.take(",");
            if self.at("}") || self.at("]") {
                self.advance();
            }
        }
        let optional = close.len() > 1;
        (self.list(open, elements, close, ListStyle { pinned: comma, ..ListStyle::parameters() }), optional)
    }

    fn parameter(&mut self) -> Id {
        let mut pieces = Vec::new();
        while self.at("@") {
            pieces.push(self.annotation());
            pieces.push(self.tree.add(Piece::Space));
        }
        let required = if self.take("required") { "required " } else { "" };
        let is_bare = matches!(self.peek_at(1).text, "," | ")" | "}" | "]" | "=");
        let is_field = matches!(self.peek().text, "this" | "super");
        let parameter = if is_bare || is_field {
            let mut name = format!("{required}{}", self.advance());
            if self.take(".") {
                name = format!("{name}.{}", self.advance());
            }
            self.tree.text(name)
        } else {
            let required = self.tree.text(required);
            let ty = self.ty();
            let header = self.tree.sequence(vec![required, ty]);
            let name = self.advance();
            let name = self.tree.text(name);
            let parameter = self.tree.add(Piece::Variable { header, name });
            if self.take("=") { self.assignment(parameter, " =") } else { parameter }
        };
        pieces.push(parameter);
        self.tree.sequence(pieces)
    }
}
