//! Reading what stands between brackets: arguments, collections and records.

use super::expression::Expression;
use super::parser::Parser;
use super::piece::{Commas, Element, Id, List, Piece};
use super::token::Kind;

/// What it costs to split a list.
const COST: usize = 1;

/// What a list is beside its elements.
#[derive(Clone, Copy)]
pub(super) struct ListStyle {
    pub(super) commas: Commas,
    pub(super) cost: usize,
    pub(super) block_shaped: bool,
    pub(super) block_element: Option<usize>,
    pub(super) pinned: bool,
}

impl Default for ListStyle {
    fn default() -> Self {
        Self { commas: Commas::Trailing, cost: COST, block_shaped: true, block_element: None, pinned: false }
    }
}

impl ListStyle {
    pub(super) fn parameters() -> Self {
        Self { block_shaped: false, ..Self::default() }
    }
}

impl Parser<'_> {
    /// A list between brackets; the brackets alone if there is nothing in it.
    pub(super) fn list(&mut self, open: &str, elements: Vec<Element>, close: &str, style: ListStyle) -> Id {
        if elements.is_empty() {
            return self.tree.text(format!("{open}{close}"));
        }
        let (before, after) = (self.tree.text(open), self.tree.text(close));
        let ListStyle { commas, cost, block_shaped, block_element, pinned } = style;
        let (before, after) = (Some(before), Some(after));
        self.tree.add(Piece::List(List {
            before,
            elements,
            after,
            commas,
            cost,
            block_shaped,
            block_element,
            pinned,
        }))
    }

    pub(super) fn arguments(&mut self) -> Id {
        self.expect("(");
        let (mut elements, mut blocks, mut comma) = (Vec::new(), Vec::new(), false);
        while !self.take(")") {
            let named = self.peek().kind == Kind::Word && self.peek_at(1).text == ":";
            let argument = if named { self.named() } else { self.conditional() };
            if argument.is_block {
                blocks.push((elements.len(), named));
            }
            elements.push(Element { content: argument.piece, delimiter: None });
            comma = self.take(",");
        }
        // Of several blocks among the arguments none may have lines of its own, nor one with a name or far from the end.
        let block_element = match blocks[..] {
            [(block, false)] if block + 2 >= elements.len() => Some(block),
            _ => None,
        };
        self.list("(", elements, ")", ListStyle { pinned: comma, block_element, ..ListStyle::default() })
    }

    /// `name: value`.
    fn named(&mut self) -> Expression {
        let name = self.advance();
        self.expect(":");
        let left = self.tree.text(format!("{name}:"));
        let right = self.conditional();
        let piece = self.tree.add(Piece::Assign { left, right: right.piece, avoid_split: true });
        Expression { piece, ..right }
    }

    pub(super) fn parenthesized(&mut self) -> Expression {
        self.expect("(");
        let (mut elements, mut comma, mut named) = (Vec::new(), false, false);
        let mut only = None;
        while !self.take(")") {
            let is_named = self.peek().kind == Kind::Word && self.peek_at(1).text == ":";
            named |= is_named;
            let field = if is_named { self.named() } else { self.conditional() };
            only = Some(field);
            elements.push(Element { content: field.piece, delimiter: None });
            comma = self.take(",");
        }
        if let (Some(only), false, false, 1) = (only, comma, named, elements.len()) {
            let (open, close) = (self.tree.text("("), self.tree.text(")"));
            return Expression { piece: self.tree.sequence(vec![open, only.piece, close]), ..only };
        }
        let single = elements.len() == 1 && !named;
        let commas = if single { Commas::Always } else { Commas::Trailing };
        let style = ListStyle { commas, pinned: comma && !single, ..ListStyle::default() };
        let piece = self.list("(", elements, ")", style);
        Expression { is_block: true, ..Expression::plain(piece) }
    }

    /// A list, a set or a map. One with another inside is always split.
    pub(super) fn collection(&mut self, close: &'static str) -> Expression {
        let open = self.advance();
        let collections = self.collections;
        let (mut elements, mut comma) = (Vec::new(), false);
        while !self.take(close) {
            let content = self.element();
            elements.push(Element { content, delimiter: None });
            comma = self.take(",");
        }
        let is_block = !elements.is_empty();
        let pinned = comma || self.collections > collections;
        self.collections += usize::from(is_block);
        let piece = self.list(open, elements, close, ListStyle { pinned, ..ListStyle::default() });
        Expression { is_block, is_collection: true, ..Expression::plain(piece) }
    }

    fn element(&mut self) -> Id {
        if self.take("if") {
            self.expect("(");
            let condition = self.expression();
            self.expect(")");
            let (open, close) = (self.tree.text("if ("), self.tree.text(")"));
            let header = self.tree.sequence(vec![open, condition, close]);
            let body = self.element();
            return self.tree.add(Piece::If { header, body });
        }
        let key = self.expression();
        if !self.take(":") {
            return key;
        }
        let colon = self.tree.text(":");
        let left = self.tree.sequence(vec![key, colon]);
        let right = self.expression();
        self.tree.add(Piece::Assign { left, right, avoid_split: true })
    }
}
