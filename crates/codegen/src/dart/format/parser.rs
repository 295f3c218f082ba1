//! Reading libraries and declarations, and writing them line by line.

use super::piece::{Commas, Element, Id, List, Piece, Tree};
use super::solver::Solver;
use super::token::{Kind, Token, tokens};
use super::writer::Place;

/// Reads a library and writes it as it goes.
pub(super) struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    pub(super) position: usize,
    /// The pieces of the declaration or statement that is being read.
    pub(super) tree: Tree,
    /// How many collections with something in them were read.
    pub(super) collections: usize,
    output: String,
    pub(super) indent: usize,
}

/// Words before what a member of a class declares.
const MODIFIERS: [&str; 7] = ["abstract", "sealed", "static", "late", "final", "const", "factory"];

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            tokens: tokens(text),
            position: 0,
            tree: Tree::default(),
            collections: 0,
            output: String::new(),
            indent: 0,
        }
    }

    pub(super) fn library(mut self) -> String {
        while self.peek().kind != Kind::End {
            self.lead();
            match self.peek().text {
                "import" | "export" | "part" => self.directive(),
                "enum" => self.enumeration(),
                _ => self.class(),
            }
        }
        self.output
    }

    pub(super) fn peek(&self) -> Token<'a> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, offset: usize) -> Token<'a> {
        let index = (self.position + offset).min(self.tokens.len() - 1);
        self.tokens[index]
    }

    pub(super) fn advance(&mut self) -> &'a str {
        let text = self.peek().text;
        self.position += 1;
        text
    }

    pub(super) fn at(&self, text: &str) -> bool {
        self.peek().kind != Kind::Literal && self.peek().text == text
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.at(text);
        if found || self.peek().kind == Kind::End {
            self.position += 1;
        }
        found || self.peek().kind == Kind::End
    }

    /// Steps over a token that the grammar asks for. The generators write nothing else.
    pub(super) fn expect(&mut self, text: &str) {
        debug_assert!(self.at(text), "expected {text} at {:?}", self.tokens[self.position..].get(..12));
        self.position += 1;
    }

    /// Writes the comments and annotations before a declaration or a statement, each on a line of its own.
    fn lead(&mut self) {
        loop {
            self.blank();
            if self.peek().kind == Kind::Comment {
                let comment = self.advance();
                let comment = self.tree.text(comment);
                self.write(comment);
            } else if self.at("@") {
                let annotation = self.annotation();
                self.write(annotation);
            } else {
                return;
            }
        }
    }

    /// Keeps an empty line before the next token, but not after a brace.
    fn blank(&mut self) {
        if self.peek().after_blank
            && !self.output.is_empty()
            && !self.output.ends_with("{\n")
            && !self.at("}")
        {
            self.output.push('\n');
        }
    }

    pub(super) fn annotation(&mut self) -> Id {
        self.expect("@");
        let mut name = format!("@{}", self.advance());
        while self.take(".") {
            name = format!("{name}.{}", self.advance());
        }
        let name = self.tree.text(name);
        if !self.at("(") {
            return name;
        }
        let arguments = self.arguments();
        self.tree.sequence(vec![name, arguments])
    }

    /// Writes a line or several, and forgets the pieces.
    pub(super) fn write(&mut self, root: Id) {
        let tree = std::mem::take(&mut self.tree);
        let place = Place { first: self.indent, others: self.indent, suffix: "" };
        let solution = Solver::new(&tree).solve(root, None, place);
        self.output.extend(std::iter::repeat_n(' ', self.indent));
        self.output.push_str(&solution.page.text);
        self.output.push('\n');
    }

    pub(super) fn line(&mut self, text: &str) {
        let text = self.tree.text(text);
        self.write(text);
    }

    fn directive(&mut self) {
        let mut text = self.advance().to_owned();
        while self.peek().kind == Kind::Literal || self.at("of") {
            text = format!("{text} {}", self.advance());
        }
        let header = self.tree.text(text);
        let mut root = header;
        if self.take("as") {
            let clause = format!("as {}", self.advance());
            let clauses = vec![self.tree.text(clause)];
            root = self.tree.add(Piece::Clauses { header, clauses, leading: false });
        }
        self.expect(";");
        let end = self.tree.text(";");
        let root = self.tree.sequence(vec![root, end]);
        self.write(root);
    }

    fn class(&mut self) {
        let head = self.type_head();
        self.body(head, Self::member);
    }

    /// A declaration's words up to the brace.
    fn type_head(&mut self) -> Id {
        let mut text = String::new();
        while !self.at("{") && !self.at("extends") && !self.at("implements") {
            let space = if text.is_empty() { "" } else { " " };
            text = format!("{text}{space}{}", self.advance());
        }
        let header = self.tree.text(text);
        let has_parent = self.at("extends");
        let mut clauses = Vec::new();
        while self.at("extends") || self.at("implements") {
            let word = self.advance();
            let mut pieces = vec![self.tree.text(word)];
            loop {
                pieces.push(self.tree.add(Piece::Space));
                pieces.push(self.ty());
                if !self.take(",") {
                    break;
                }
                pieces.push(self.tree.text(","));
            }
            clauses.push(self.tree.sequence(pieces));
        }
        if clauses.is_empty() {
            return header;
        }
        let leading = has_parent && clauses.len() > 1;
        self.tree.add(Piece::Clauses { header, clauses, leading })
    }

    /// A head with members or statements between braces.
    pub(super) fn body(&mut self, head: Id, mut content: impl FnMut(&mut Self)) {
        self.expect("{");
        if self.take("}") {
            let braces = self.tree.text(" {}");
            let root = self.tree.sequence(vec![head, braces]);
            return self.write(root);
        }
        let brace = self.tree.text(" {");
        let root = self.tree.sequence(vec![head, brace]);
        self.write(root);
        self.nested(&mut content);
        self.line("}");
    }

    /// What stands between braces, of which the first was read.
    pub(super) fn nested(&mut self, content: &mut impl FnMut(&mut Self)) {
        self.indent += 2;
        self.lead();
        while !self.at("}") && self.peek().kind != Kind::End {
            content(self);
            self.lead();
        }
        self.indent -= 2;
        self.expect("}");
    }

    fn enumeration(&mut self) {
        let head = self.type_head();
        let mut in_values = true;
        self.body(head, |parser| {
            if !in_values {
                return parser.member();
            }
            let name = parser.advance();
            let mut pieces = vec![parser.tree.text(name)];
            if parser.at("(") {
                pieces.push(parser.arguments());
            }
            in_values = parser.at(",");
            let end = parser.advance();
            pieces.push(parser.tree.text(end));
            let root = parser.tree.sequence(pieces);
            parser.write(root);
        });
    }

    fn member(&mut self) {
        let mut modifiers = String::new();
        while MODIFIERS.iter().any(|modifier| self.at(modifier)) {
            modifiers = format!("{modifiers}{} ", self.advance());
        }
        let offset = if self.peek_at(1).text == "." { 2 } else { 0 };
        if self.peek().kind == Kind::Word && self.peek_at(offset + 1).text == "(" {
            return self.constructor(&modifiers);
        }
        let modifiers = self.tree.text(modifiers);
        let ty = self.ty();
        let header = self.tree.sequence(vec![modifiers, ty]);
        self.typed(header);
    }

    fn constructor(&mut self, modifiers: &str) {
        let mut name = format!("{modifiers}{}", self.advance());
        if self.take(".") {
            name = format!("{name}.{}", self.advance());
        }
        let header = self.tree.text(name);
        let (parameters, optional) = self.parameters();
        if self.take("=") {
            let signature = self.tree.sequence(vec![header, parameters]);
            let space = self.tree.add(Piece::Space);
            let equals = self.tree.text("=");
            let redirected = self.ty();
            let left = self.tree.sequence(vec![space, equals]);
            let redirect = self.tree.add(Piece::Assign { left, right: redirected, avoid_split: true });
            let root = self.tree.sequence(vec![signature, redirect]);
            return self.end(root);
        }
        if self.at("=>") {
            let arrow = self.arrow();
            let root = self.tree.sequence(vec![header, parameters, arrow]);
            return self.end(root);
        }
        if !self.take(":") {
            let root = self.tree.sequence(vec![header, parameters]);
            return if self.at(";") { self.end(root) } else { self.body(root, Self::statement) };
        }
        let initializers = self.initializers();
        let has_body = self.at("{");
        let body = self.tree.text(if has_body { " {" } else { ";" });
        let can_split = matches!(self.tree.get(parameters), Piece::List(_));
        let header = if can_split { header } else { self.tree.sequence(vec![header, parameters]) };
        let root = self.tree.add(Piece::Constructor {
            header,
            parameters: can_split.then_some(parameters),
            optional,
            initializers,
            body,
        });
        self.advance();
        self.write(root);
        if has_body {
            self.nested(&mut Self::statement);
            self.line("}");
        }
    }

    fn initializers(&mut self) -> Id {
        let mut elements = Vec::new();
        loop {
            let target = self.expression();
            let content = if self.take("=") { self.assignment(target, " =") } else { target };
            elements.push(Element { content, delimiter: None });
            if !self.take(",") {
                break;
            }
        }
        self.tree.add(Piece::List(List {
            before: None,
            elements,
            after: None,
            commas: Commas::Never,
            cost: 1,
            block_shaped: true,
            block_element: None,
            pinned: false,
        }))
    }

    /// What follows an operator that assigns.
    pub(super) fn assignment(&mut self, target: Id, operator: &str) -> Id {
        let operator = self.tree.text(operator);
        let left = self.tree.sequence(vec![target, operator]);
        let right = self.expression();
        self.tree.add(Piece::Assign { left, right, avoid_split: true })
    }

    /// A field, a variable, a function or a getter after its type.
    pub(super) fn typed(&mut self, header: Id) {
        let mut name = self.advance().to_owned();
        while self.peek().kind == Kind::Word || self.at("==") {
            name = format!("{name} {}", self.advance());
        }
        let mut pieces = vec![self.tree.text(name)];
        if self.at("<") {
            pieces.push(self.type_arguments());
        }
        if self.at("(") {
            pieces.push(self.parameters().0);
        }
        if self.at("=>") {
            pieces.push(self.arrow());
        }
        let mut name = self.tree.sequence(pieces);
        if self.take("=") {
            name = self.assignment(name, " =");
        }
        if self.at("{") {
            let brace = self.tree.text("");
            let name = self.tree.sequence(vec![name, brace]);
            let root = self.tree.add(Piece::Variable { header, name });
            return self.body(root, Self::statement);
        }
        let root = self.tree.add(Piece::Variable { header, name });
        self.end(root);
    }

    /// Writes a statement or a declaration that ends with a semicolon.
    pub(super) fn end(&mut self, root: Id) {
        self.expect(";");
        let end = self.tree.text(";");
        let root = self.tree.sequence(vec![root, end]);
        self.write(root);
    }
}
