//! Writing pieces in the states that a solution says.

use super::WIDTH;
use super::piece::{Commas, Id, Indent, List, Piece, Shape, State};
use super::solver::{Solution, Solver};

/// What a solution looks like.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The text, without the indentation of its first line.
    pub(super) text: String,
    /// How many characters are beyond the ends of their lines.
    pub(super) overflow: usize,
    /// Whether every piece has a shape that its parent allows.
    pub(super) is_valid: bool,
    /// The cost of pieces that were solved by themselves.
    pub(super) inner_cost: usize,
    /// The pieces on the first line that is too long or not valid, whose states are not settled yet.
    pub(super) unsolved: Vec<Id>,
}

/// Where a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The column at which it begins.
    pub(super) first: usize,
    /// The indentation of its other lines.
    pub(super) others: usize,
    /// What follows on its last line.
    pub(super) suffix: &'static str,
}

/// Writes a solution's pieces, and leaves the result in its page.
pub(super) fn write(solver: &Solver<'_>, solution: &mut Solution, root: Id, place: Place) {
    let mut writer = Writer {
        solver,
        solution,
        width: WIDTH.saturating_sub(place.first),
        page: Page { is_valid: true, ..Page::default() },
        pending: Pending::Nothing,
        column: place.first,
        indents: vec![(Indent::None, place.others)],
        frames: Vec::new(),
        open: Vec::new(),
        line: Vec::new(),
    };
    writer.piece(root);
    writer.text(place.suffix);
    writer.end_line();
    let page = writer.page;
    solution.page = page;
}

struct Writer<'a, 't> {
    solver: &'a Solver<'t>,
    solution: &'a mut Solution,
    /// The room for what is on a line.
    width: usize,
    page: Page,
    pending: Pending,
    column: usize,
    indents: Vec<(Indent, usize)>,
    /// The pieces that are being written, the innermost last.
    frames: Vec<Frame>,
    /// Those of them whose states are not settled.
    open: Vec<Id>,
    /// The pieces on this line whose states are not settled.
    line: Vec<Id>,
}

/// White space that is written once something follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Space,
    /// A new line with this indentation.
    Line(usize),
}

struct Frame {
    shape: Shape,
    mode: Mode,
}

/// What a new line makes of the shape of the piece in which it is.
#[derive(Clone, Copy)]
enum Mode {
    Merge,
    Block,
    BeforeHeadline,
    AfterHeadline,
    Other,
}

impl Writer<'_, '_> {
    /// Writes a piece, and says which shape it got.
    fn piece(&mut self, id: Id) -> Shape {
        let tree = self.solver.tree;
        let mut is_open = !tree.states(id).is_empty() && self.solution.bound(tree, id).is_none();
        if is_open && tree.is_too_long(id, self.width) {
            self.solution.bind(tree, id, State::Split);
            is_open = false;
        }
        if is_open {
            self.open.push(id);
        }
        self.frames.push(Frame { shape: Shape::Inline, mode: Mode::Merge });
        self.content(id, self.solution.state(tree, id));
        if is_open {
            self.open.pop();
        }
        self.frames.pop().map_or(Shape::Inline, |frame| frame.shape)
    }

    /// Writes a child of a piece, and checks that the piece allows its shape.
    fn child(&mut self, parent: Id, child: Id) {
        let tree = self.solver.tree;
        let shape = self.piece(child);
        let state = self.solution.state(tree, parent);
        if !tree.allows(parent, state, child, shape) && tree.pinned(parent).is_none() {
            self.page.is_valid = false;
        }
        if shape != Shape::Inline {
            self.reshape(shape);
        }
    }

    /// Writes a child that has its lines for itself, and what follows it on the last of them, without regard to anything
    /// else.
    fn apart(&mut self, child: Id, suffix: &'static str) {
        let others = self.indent();
        let first = match self.pending {
            Pending::Line(indent) => indent,
            _ => self.column,
        };
        let state = self.solution.bound(self.solver.tree, child);
        let solution = self.solver.solve(child, state, Place { first, others, suffix });
        self.flush();
        self.page.text.push_str(&solution.page.text);
        self.page.overflow += solution.page.overflow;
        self.page.inner_cost += solution.total_cost();
        self.column = 0;
    }

    fn content(&mut self, id: Id, state: State) {
        let split = state == State::Split;
        match self.solver.tree.get(id) {
            Piece::Text(text) => self.text(text),
            Piece::Space => self.space(),
            Piece::Sequence(pieces) => pieces.iter().for_each(|piece| self.child(id, *piece)),
            Piece::Group(content) => {
                self.mode(Mode::Other);
                self.indented(Indent::Group, |writer| writer.child(id, *content));
            }
            Piece::List(list) => self.list(id, list, split),
            Piece::Assign { left, right, .. } if split => {
                self.mode(Mode::BeforeHeadline);
                self.indented(Indent::Expression, |writer| writer.child(id, *left));
                self.mode(Mode::AfterHeadline);
                // The line that follows is indented with what stands on it.
                self.indented(Indent::Expression, Self::line);
                self.indented(Indent::Assignment, |writer| writer.child(id, *right));
            }
            Piece::Assign { left, right, .. } => {
                self.child(id, *left);
                self.space();
                self.child(id, *right);
            }
            Piece::Chain { target, calls, properties, .. } => match state {
                State::Unsplit | State::First => {
                    self.child(id, *target);
                    calls.iter().for_each(|call| self.child(id, *call));
                }
                _ => {
                    let inline = if split { 0 } else { *properties };
                    self.chain(id, *target, calls, inline);
                }
            },
            Piece::Infix { operands, indent, conditional, .. } => {
                self.indented(*indent, |writer| writer.infix(id, operands, *conditional, split));
            }
            Piece::If { header, body } => {
                self.child(id, *header);
                self.indented(Indent::Block, |writer| {
                    writer.line_if(split);
                    writer.child(id, *body);
                });
            }
            Piece::Clauses { header, clauses, leading } => {
                self.child(id, *header);
                self.indented(Indent::Expression, |writer| {
                    for (index, clause) in clauses.iter().enumerate() {
                        let stays = index == 0 && *leading && state == State::First;
                        writer.line_if(state != State::Unsplit && !stays);
                        writer.child(id, *clause);
                    }
                });
            }
            Piece::Constructor { header, parameters, optional, initializers, body } => {
                self.child(id, *header);
                parameters.iter().for_each(|parameters| self.child(id, *parameters));
                let after_optional = *optional && state == State::Second;
                let indent =
                    if after_optional { Indent::InitializerAfterOptional } else { Indent::Initializer };
                self.indented(Indent::Block, |writer| {
                    writer.line_if(state == State::First);
                    writer.text(":");
                    writer.space();
                    writer.indented(indent, |writer| writer.child(id, *initializers));
                });
                self.child(id, *body);
            }
            Piece::Variable { header, name } => {
                self.child(id, *header);
                self.line_if(state == State::First);
                self.child(id, *name);
            }
        }
    }

    fn list(&mut self, id: Id, list: &List, split: bool) {
        let last = list.elements.len() - 1;
        let indents = self.indents.len();
        if let Some(before) = list.before {
            self.child(id, before);
            if split {
                self.push(Indent::Block);
            }
            if list.block_shaped {
                self.mode(Mode::Block);
            }
            if split {
                self.line();
            }
        }
        for (index, element) in list.elements.iter().enumerate() {
            let comma = match list.commas {
                Commas::Always => true,
                Commas::Trailing => index < last || split,
                Commas::Never => index < last,
            };
            let alone =
                split && (index > 0 || list.before.is_some()) && (index < last || list.after.is_some());
            let suffix = match element.delimiter {
                Some(delimiter) => delimiter,
                None if comma => ",",
                None => "",
            };
            if alone {
                self.apart(element.content, suffix);
            } else {
                self.child(id, element.content);
                self.text(suffix);
            }
            if index < last {
                match (split, element.delimiter) {
                    (true, _) => self.line(),
                    (false, None) => self.space(),
                    (false, Some(_)) => {}
                }
            }
        }
        if let Some(after) = list.after {
            self.indents.truncate(indents);
            if split {
                self.line();
            }
            if list.block_shaped {
                self.mode(Mode::Merge);
            }
            self.child(id, after);
        }
    }

    fn chain(&mut self, id: Id, target: Id, calls: &[Id], inline: usize) {
        self.indented(Indent::Expression, |writer| {
            writer.mode(Mode::BeforeHeadline);
            writer.child(id, target);
            calls[..inline].iter().for_each(|call| writer.child(id, *call));
            writer.mode(Mode::AfterHeadline);
            for (index, call) in calls.iter().enumerate().skip(inline) {
                writer.line();
                if index + 1 < calls.len() {
                    writer.apart(*call, "");
                } else {
                    writer.child(id, *call);
                }
            }
        });
    }

    fn infix(&mut self, id: Id, operands: &[Id], conditional: bool, split: bool) {
        if conditional {
            self.mode(Mode::BeforeHeadline);
        }
        self.child(id, operands[0]);
        if conditional {
            self.mode(Mode::AfterHeadline);
        }
        for (index, operand) in operands.iter().enumerate().skip(1) {
            self.line_if(split);
            let indents = self.indents.len();
            if conditional {
                self.push(Indent::Block);
            }
            if split && index + 1 < operands.len() {
                self.apart(*operand, "");
            } else {
                self.child(id, *operand);
            }
            self.indents.truncate(indents);
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.flush();
        self.page.text.push_str(text);
        self.column += text.chars().count();
        if self.page.unsolved.is_empty() {
            for id in &self.open {
                if !self.line.contains(id) {
                    self.line.push(*id);
                }
            }
        }
    }

    fn space(&mut self) {
        if self.pending == Pending::Nothing {
            self.pending = Pending::Space;
        }
    }

    fn line(&mut self) {
        self.reshape(Shape::Other);
        self.pending = Pending::Line(self.indent());
    }

    fn line_if(&mut self, split: bool) {
        if split {
            self.line();
        } else {
            self.space();
        }
    }

    fn flush(&mut self) {
        match self.pending {
            Pending::Nothing => {}
            Pending::Space => {
                self.page.text.push(' ');
                self.column += 1;
            }
            Pending::Line(indent) => {
                self.end_line();
                self.page.text.push('\n');
                self.page.text.extend(std::iter::repeat_n(' ', indent));
                self.column = indent;
            }
        }
        self.pending = Pending::Nothing;
    }

    fn end_line(&mut self) {
        let overflow = self.column.saturating_sub(WIDTH);
        self.page.overflow += overflow;
        if self.page.unsolved.is_empty() {
            let line = std::mem::take(&mut self.line);
            if overflow > 0 || !self.page.is_valid {
                self.page.unsolved = line;
            }
        }
    }

    fn indent(&self) -> usize {
        self.indents.last().map_or(0, |(_, spaces)| *spaces)
    }

    fn push(&mut self, indent: Indent) {
        let (parent, spaces) = self.indents.last().copied().unwrap_or((Indent::None, 0));
        // What is assigned is indented already.
        let own = if (parent, indent) == (Indent::Assignment, Indent::Infix) { 0 } else { indent.spaces() };
        self.indents.push((indent, spaces + own));
    }

    fn indented(&mut self, indent: Indent, write: impl FnOnce(&mut Self)) {
        self.push(indent);
        write(self);
        self.indents.pop();
    }

    fn mode(&mut self, mode: Mode) {
        if let Some(frame) = self.frames.last_mut() {
            frame.mode = mode;
        }
    }

    /// Notes that the piece that is being written is not on one line any more: it has a new line itself, or a child of
    /// this shape.
    fn reshape(&mut self, shape: Shape) {
        if let Some(frame) = self.frames.last_mut() {
            frame.shape = match (frame.mode, frame.shape) {
                (Mode::Merge, Shape::Inline) => shape,
                (Mode::Block, _) => Shape::Block,
                (Mode::AfterHeadline, Shape::Inline) => Shape::Headline,
                (Mode::AfterHeadline, shape) => shape,
                _ => Shape::Other,
            };
        }
    }
}
