//! Reading statements.

use super::parser::Parser;
use super::piece::{Id, Piece};
use super::token::Kind;

impl Parser<'_> {
    pub(super) fn statement(&mut self) {
        match self.peek().text {
            "if" => self.if_statement(),
            "switch" => self.switch(),
            "try" => self.try_statement(),
            "return" => {
                self.advance();
                let word = self.tree.text("return ");
                let value = self.expression();
                let root = self.tree.sequence(vec![word, value]);
                self.end(root);
            }
            "final" => {
                let word = self.advance();
                let name = format!("{word} {}", self.advance());
                let name = self.tree.text(name);
                self.expect("=");
                let root = self.assignment(name, " =");
                self.end(root);
            }
            _ if self.is_declaration() => {
                let header = self.ty();
                self.typed(header);
            }
            _ => {
                let mut root = self.expression();
                for operator in ["=", "??="] {
                    if self.take(operator) {
                        root = self.assignment(root, &format!(" {operator}"));
                    }
                }
                self.end(root);
            }
        }
    }

    /// Whether a type and a name come next.
    fn is_declaration(&mut self) -> bool {
        let is_word = self.peek().kind == Kind::Word && self.peek().text != "throw";
        let position = self.position;
        if is_word {
            self.ty();
        }
        let found = is_word && self.peek().kind == Kind::Word;
        self.position = position;
        found
    }

    fn condition(&mut self, word: &str) -> Id {
        self.expect(word);
        self.expect("(");
        let condition = self.expression();
        self.expect(")");
        let (open, close) = (self.tree.text(format!("{word} (")), self.tree.text(")"));
        self.tree.sequence(vec![open, condition, close])
    }

    fn if_statement(&mut self) {
        let header = self.condition("if");
        if self.at("{") {
            return self.body(header, Self::statement);
        }
        self.expect("return");
        let word = self.tree.text("return ");
        let value = self.expression();
        let body = self.tree.sequence(vec![word, value]);
        let root = self.tree.add(Piece::If { header, body });
        self.end(root);
    }

    fn switch(&mut self) {
        let header = self.condition("switch");
        self.body(header, |parser| {
            let word = parser.advance();
            let mut pieces = vec![parser.tree.text(word)];
            if word == "case" {
                pieces.push(parser.tree.add(Piece::Space));
                pieces.push(parser.expression());
            }
            parser.expect(":");
            pieces.push(parser.tree.text(":"));
            let root = parser.tree.sequence(pieces);
            parser.write(root);
            parser.indent += 2;
            parser.statement();
            parser.indent -= 2;
        });
    }

    fn try_statement(&mut self) {
        self.expect("try");
        self.expect("{");
        self.line("try {");
        self.nested(&mut Self::statement);
        let mut head = String::from("}");
        if self.take("on") {
            head.push_str(" on ");
            while !self.at("catch") {
                head.push_str(self.advance());
            }
        }
        self.expect("catch");
        self.expect("(");
        head.push_str(&format!(" catch ({})", self.advance()));
        self.expect(")");
        let head = self.tree.text(head);
        self.expect("{");
        // A comment alone keeps its line.
        self.position -= 1;
        self.body(head, Self::statement);
    }
}
