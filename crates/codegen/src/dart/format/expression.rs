//! Reading expressions.

use super::parser::Parser;
use super::piece::{Id, Indent, List, Piece};
use super::token::Kind;

/// How tightly binary operators bind, the loosest first.
const PRECEDENCES: [&[&str]; 4] = [&["??"], &["||"], &["&&"], &["==", "!="]];

/// An expression that was read.
#[derive(Clone, Copy)]
pub(super) struct Expression {
    pub(super) piece: Id,
    /// Whether it is a collection or a record with something in it, whose brackets may embrace lines of their own among
    /// arguments.
    pub(super) is_block: bool,
    /// Whether it is the literal of a list, a set or a map.
    pub(super) is_collection: bool,
    pub(super) is_conditional: bool,
}

impl Expression {
    pub(super) fn plain(piece: Id) -> Self {
        Self { piece, is_block: false, is_collection: false, is_conditional: false }
    }
}

/// A chain of calls that is being read.
struct Chain {
    target: Id,
    calls: Vec<(Id, Call)>,
}

/// What a call in a chain is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Property,
    /// Without arguments.
    Bare,
    Splittable,
    /// With an argument that may have several lines although the others are on one.
    Block,
}

impl Call {
    fn can_split(self) -> bool {
        matches!(self, Self::Splittable | Self::Block)
    }
}

impl<'a> Parser<'a> {
    pub(super) fn expression(&mut self) -> Id {
        self.conditional().piece
    }

    pub(super) fn conditional(&mut self) -> Expression {
        let condition = self.binary(0);
        if !self.at("?") {
            return condition;
        }
        let mut operands = vec![condition.piece];
        let mut pinned = false;
        while self.take("?") {
            let first = self.conditional();
            self.expect(":");
            let second = self.binary(0);
            pinned |= first.is_conditional || self.at("?");
            for (operator, operand) in [("?", first.piece), (":", second.piece)] {
                let operator = self.tree.text(operator);
                let space = self.tree.add(Piece::Space);
                operands.push(self.tree.sequence(vec![operator, space, operand]));
            }
        }
        let piece =
            self.tree.add(Piece::Infix { operands, indent: Indent::Infix, conditional: true, pinned });
        Expression { is_conditional: true, ..Expression::plain(piece) }
    }

    /// Operators of one precedence in a row, or what is below them.
    fn binary(&mut self, precedence: usize) -> Expression {
        let Some(operators) = PRECEDENCES.get(precedence) else { return self.type_test() };
        let first = self.binary(precedence + 1);
        if !operators.iter().any(|operator| self.at(operator)) {
            return first;
        }
        let mut operands = Vec::new();
        let mut last = first.piece;
        while let Some(operator) = operators.iter().find(|operator| self.at(operator)) {
            self.advance();
            let space = self.tree.add(Piece::Space);
            let operator = self.tree.text(*operator);
            operands.push(self.tree.sequence(vec![last, space, operator]));
            last = self.binary(precedence + 1).piece;
        }
        operands.push(last);
        let infix = Piece::Infix { operands, indent: Indent::Infix, conditional: false, pinned: false };
        Expression::plain(self.tree.add(infix))
    }

    /// `value is Type`, `value as Type`.
    fn type_test(&mut self) -> Expression {
        let mut value = self.postfix();
        while self.at("is") || self.at("as") {
            let operator = self.advance();
            let operator = if self.take("!") { format!("{operator}!") } else { operator.to_owned() };
            let operator = self.tree.text(operator);
            let space = self.tree.add(Piece::Space);
            let ty = self.ty();
            let test = self.tree.sequence(vec![operator, space, ty]);
            let operands = vec![value.piece, test];
            let infix =
                Piece::Infix { operands, indent: Indent::Expression, conditional: false, pinned: false };
            value = Expression::plain(self.tree.add(infix));
        }
        value
    }

    /// A primary expression and the calls, properties and indices after it.
    fn postfix(&mut self) -> Expression {
        let primary = self.primary();
        let mut chain = Chain { target: primary.piece, calls: Vec::new() };
        let mut plain = true;
        loop {
            if self.at(".") || self.at("?.") {
                let operator = self.advance();
                let name = self.advance();
                let text = self.tree.text(format!("{operator}{name}"));
                let call = self.call(text);
                chain.calls.push(call);
            } else if self.at("[") {
                self.advance();
                let index = self.expression();
                self.expect("]");
                let (open, close) = (self.tree.text("["), self.tree.text("]"));
                let index = self.tree.sequence(vec![open, index, close]);
                let index = self.tree.add(Piece::Group(index));
                self.append(&mut chain, index);
            } else if self.at("!") && self.peek().adjacent {
                self.advance();
                let mark = self.tree.text("!");
                self.append(&mut chain, mark);
            } else {
                break;
            }
            plain = false;
        }
        if plain {
            return primary;
        }
        Expression::plain(self.chain(chain))
    }

    /// Adds something to the last call of a chain, or to its target.
    fn append(&mut self, chain: &mut Chain, piece: Id) {
        let last = chain.calls.last_mut().map_or(&mut chain.target, |(last, _)| last);
        *last = self.tree.sequence(vec![*last, piece]);
    }

    fn chain(&mut self, chain: Chain) -> Id {
        let Chain { target, calls } = chain;
        let kinds: Vec<Call> = calls.iter().map(|(_, kind)| *kind).collect();
        let calls: Vec<Id> = calls.into_iter().map(|(call, _)| call).collect();
        let Some(mut last) = calls.len().checked_sub(1) else { return target };
        let properties = kinds.iter().take_while(|kind| **kind == Call::Property).count();
        let leading = kinds.iter().take_while(|kind| !kind.can_split()).count();
        if !kinds[last].can_split() && last > 0 && kinds[last - 1] == Call::Block {
            last -= 1;
        }
        let is_first = leading == last && kinds[last].can_split();
        let block_call = (is_first || kinds[last] == Call::Block).then_some(last);
        self.tree.add(Piece::Chain { target, calls, properties, block_call })
    }

    /// Type arguments and arguments after what is called.
    fn call(&mut self, callee: Id) -> (Id, Call) {
        let mut pieces = vec![callee];
        if self.at("<") {
            pieces.push(self.type_arguments());
        }
        let mut kind = Call::Property;
        if self.at("(") {
            let arguments = self.arguments();
            kind = match self.tree.get(arguments) {
                Piece::List(List { block_element: Some(_), .. }) => Call::Block,
                Piece::List(_) => Call::Splittable,
                _ => Call::Bare,
            };
            pieces.push(arguments);
        }
        (self.tree.sequence(pieces), kind)
    }

    fn primary(&mut self) -> Expression {
        match self.peek().text {
            "(" if self.is_function() => self.function(),
            "(" => self.parenthesized(),
            "[" => self.collection("]"),
            "{" => self.collection("}"),
            "const" | "throw" => {
                let word = self.advance();
                let word = self.tree.text(word);
                let space = self.tree.add(Piece::Space);
                let (callee, _) = self.static_name();
                let (operand, _) = self.call(callee);
                Expression::plain(self.tree.sequence(vec![word, space, operand]))
            }
            "-" => {
                let sign = self.advance();
                let number = format!("{sign}{}", self.advance());
                Expression::plain(self.tree.text(number))
            }
            _ if self.peek().kind == Kind::Word => self.name(),
            _ => {
                let text = self.advance();
                Expression::plain(self.tree.text(text))
            }
        }
    }

    /// A name with its qualifiers, as far as they are not calls of a chain. What looks like a constructor is called with it.
    fn name(&mut self) -> Expression {
        let (name, is_call) = self.static_name();
        if is_call {
            let (call, _) = self.call(name);
            return Expression::plain(call);
        }
        Expression::plain(name)
    }

    /// A name with its qualifiers, and whether it is that of a constructor, or a method of a class, that is called.
    fn static_name(&mut self) -> (Id, bool) {
        let first = self.advance();
        let mut text = first.to_owned();
        let mut offset = 0;
        let mut names = vec![first];
        while self.peek_at(offset).text == "." && names.len() < 3 {
            names.push(self.peek_at(offset + 1).text);
            offset += 2;
        }
        let is_called = |offset: usize| matches!(self.peek_at(offset).text, "(" | "<");
        // The number of names that make up the callee: `Name`, `prefix.Name`, `Name.method`, `prefix.Name.method`.
        let count = if is_called(0) {
            1
        } else {
            match names[..] {
                ["super", ..] if is_called(2) => 2,
                [first, second, ..] if is_called(2) && (is_class(first) || is_class(second)) => 2,
                [_, second, _] if is_called(4) && is_class(second) => 3,
                // Two names alone are no chain either.
                [_, _] if !is_called(2) => 2,
                _ => 1,
            }
        };
        for name in &names[1..count] {
            self.advance();
            self.advance();
            text.push('.');
            text.push_str(name);
        }
        let is_call = self.at("(") || self.at("<");
        (self.tree.text(text), is_call)
    }

    fn is_function(&self) -> bool {
        let mut depth = 0;
        for offset in 0.. {
            match self.peek_at(offset).text {
                "(" | "{" | "[" => depth += 1,
                ")" | "}" | "]" => depth -= 1,
                _ if self.peek_at(offset).kind == Kind::End => return false,
                _ => {}
            }
            if depth == 0 {
                return self.peek_at(offset + 1).text == "=>";
            }
        }
        false
    }

    fn function(&mut self) -> Expression {
        let parameters = self.parameters().0;
        let body = self.arrow();
        Expression::plain(self.tree.sequence(vec![parameters, body]))
    }

    /// `=> value`.
    pub(super) fn arrow(&mut self) -> Id {
        self.expect("=>");
        let arrow = self.tree.text("=>");
        let space = self.tree.add(Piece::Space);
        let left = self.tree.sequence(vec![space, arrow]);
        let right = self.conditional();
        self.tree.add(Piece::Assign { left, right: right.piece, avoid_split: right.is_collection })
    }
}

/// Whether a name looks like that of a class: `Name`, `_Name`.
fn is_class(name: &str) -> bool {
    let name = name.strip_prefix('_').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.contains(|c: char| c.is_ascii_lowercase())
}
