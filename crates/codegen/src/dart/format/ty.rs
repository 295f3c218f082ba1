//! Reading types.

use super::list::ListStyle;
use super::parser::Parser;
use super::piece::{Commas, Element, Id, Piece};
use super::token::Kind;

/// What it costs to split type arguments.
const COST: usize = 3;

impl Parser<'_> {
    pub(super) fn ty(&mut self) -> Id {
        let mut pieces = Vec::new();
        if self.at("(") {
            pieces.push(self.record_type());
        } else {
            let mut name = self.advance().to_owned();
            while self.at(".") {
                self.advance();
                name = format!("{name}.{}", self.advance());
            }
            pieces.push(self.tree.text(name.clone()));
            if self.at("<") {
                pieces.push(self.type_arguments());
            }
            if name == "Function" && self.at("(") {
                pieces.push(self.type_list("(", ")", ListStyle::parameters()));
            }
        }
        if self.at("?") && self.peek().adjacent {
            self.advance();
            pieces.push(self.tree.text("?"));
        }
        self.tree.sequence(pieces)
    }

    pub(super) fn type_arguments(&mut self) -> Id {
        let style =
            ListStyle { commas: Commas::Never, cost: COST, block_shaped: false, ..ListStyle::default() };
        self.type_list("<", ">", style)
    }

    fn type_list(&mut self, open: &'static str, close: &'static str, style: ListStyle) -> Id {
        self.expect(open);
        let (mut elements, mut comma) = (Vec::new(), false);
        while !self.take(close) {
            let content = self.ty();
            elements.push(Element { content, delimiter: None });
            comma = self.take(",");
        }
        self.list(open, elements, close, ListStyle { pinned: comma, ..style })
    }

    fn record_type(&mut self) -> Id {
        self.expect("(");
        let (mut elements, mut comma): (Vec<Element>, _) = (Vec::new(), false);
        let named = self.at("{");
        let mut braces = false;
        while !self.take(")") {
            if self.take("{") {
                braces = true;
                if let Some(last) = elements.last_mut() {
                    last.delimiter = Some(", {");
                }
            }
            let header = self.ty();
            let content = if self.peek().kind == Kind::Word {
                let name = self.advance();
                let name = self.tree.text(name);
                self.tree.add(Piece::Variable { header, name })
            } else {
                header
            };
            elements.push(Element { content, delimiter: None });
            comma = self.take(",");
            self.take("}");
        }
        let single = elements.len() == 1 && !braces;
        let commas = if single { Commas::Always } else { Commas::Trailing };
        let style = ListStyle { commas, pinned: comma && !single, ..ListStyle::default() };
        self.list(if named { "({" } else { "(" }, elements, if braces { "})" } else { ")" }, style)
    }
}
