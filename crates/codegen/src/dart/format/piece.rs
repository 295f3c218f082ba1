//! Pieces of code, and the ways in which each can be split into lines.

/// The place of a piece in its [`Tree`].
pub(super) type Id = usize;

/// Pieces that belong together: a declaration's head, or a statement.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pieces: Vec<Piece>,
}

impl Tree {
    pub(super) fn add(&mut self, piece: Piece) -> Id {
        self.pieces.push(piece);
        self.pieces.len() - 1
    }

    pub(super) fn text(&mut self, text: impl Into<String>) -> Id {
        self.add(Piece::Text(text.into()))
    }

    pub(super) fn sequence(&mut self, pieces: Vec<Id>) -> Id {
        self.add(Piece::Sequence(pieces))
    }

    pub(super) fn get(&self, id: Id) -> &Piece {
        &self.pieces[id]
    }

    /// The ways to split a piece, in the order in which they are tried.
    pub(super) fn states(&self, id: Id) -> &'static [State] {
        use State::{First, Second, Split};
        match self.get(id) {
            Piece::Text(_) | Piece::Space | Piece::Sequence(_) | Piece::Group(_) => &[],
            Piece::List(_) | Piece::Infix { .. } | Piece::If { .. } => &[Split],
            Piece::Assign { .. } => &[First, Second, Split],
            Piece::Chain { properties, block_call, .. } => match (block_call.is_some(), *properties > 0) {
                (true, true) => &[First, Second, Split],
                (true, false) => &[First, Split],
                (false, true) => &[Second, Split],
                (false, false) => &[Split],
            },
            Piece::Clauses { leading: true, .. } => &[First, Split],
            Piece::Clauses { .. } => &[Split],
            Piece::Constructor { parameters: Some(_), .. } => &[First, Second],
            Piece::Constructor { .. } => &[First],
            Piece::Variable { .. } => &[First],
        }
    }

    /// The one state that a piece can be in, whatever else is split.
    pub(super) fn pinned(&self, id: Id) -> Option<State> {
        match self.get(id) {
            Piece::List(list) if list.pinned => Some(State::Split),
            Piece::Infix { pinned: true, .. } => Some(State::Split),
            _ => None,
        }
    }

    /// Whether a piece must be split because what is in it does not fit a line of this width by far.
    pub(super) fn is_too_long(&self, id: Id, width: usize) -> bool {
        match self.get(id) {
            Piece::Infix { operands, .. } => {
                operands.iter().map(|operand| self.length(*operand)).sum::<usize>() > width
            }
            Piece::List(list) => {
                let brackets: usize = list.before.iter().chain(&list.after).map(|id| self.length(*id)).sum();
                let mut length = brackets;
                list.elements.iter().enumerate().any(|(index, element)| {
                    if list.block_element == Some(index) {
                        length = brackets;
                        return false;
                    }
                    let comma = if index > 0 { 2 } else { 0 };
                    length += self.length(element.content) + comma;
                    length > width
                })
            }
            _ => false,
        }
    }

    /// The number of characters in a piece, without those between its parts.
    fn length(&self, id: Id) -> usize {
        match self.get(id) {
            Piece::Text(text) => text.chars().count(),
            Piece::Space => 1,
            _ => self.children(id).into_iter().map(|child| self.length(child)).sum(),
        }
    }

    /// What it costs to have a piece in a state.
    pub(super) fn cost(&self, id: Id, state: State) -> usize {
        match (self.get(id), state) {
            (_, State::Unsplit) => 0,
            (Piece::List(list), _) => list.cost,
            (Piece::Assign { .. } | Piece::Chain { .. }, State::First) => 0,
            (Piece::Assign { avoid_split, .. }, State::Split) => usize::from(*avoid_split),
            (Piece::Chain { calls, properties, .. }, State::Split) if *properties == calls.len() => 2,
            (Piece::Constructor { .. }, State::Second) | (Piece::Variable { .. }, _) => 2,
            _ => 1,
        }
    }

    pub(super) fn children(&self, id: Id) -> Vec<Id> {
        match self.get(id) {
            Piece::Text(_) | Piece::Space => Vec::new(),
            Piece::Sequence(pieces) => pieces.clone(),
            Piece::Group(content) => vec![*content],
            Piece::List(list) => {
                let elements = list.elements.iter().map(|element| element.content);
                list.before.into_iter().chain(elements).chain(list.after).collect()
            }
            Piece::Assign { left, right, .. } => vec![*left, *right],
            Piece::Chain { target, calls, .. } => {
                [*target].into_iter().chain(calls.iter().copied()).collect()
            }
            Piece::Infix { operands, .. } => operands.clone(),
            Piece::If { header, body } => vec![*header, *body],
            Piece::Clauses { header, clauses, .. } => {
                [*header].into_iter().chain(clauses.iter().copied()).collect()
            }
            Piece::Constructor { header, parameters, initializers, body, .. } => {
                [*header].into_iter().chain(*parameters).chain([*initializers, *body]).collect()
            }
            Piece::Variable { header, name } => vec![*header, *name],
        }
    }

    /// The shapes that a child may have while its parent is in a state.
    pub(super) fn allows(&self, parent: Id, state: State, child: Id, shape: Shape) -> bool {
        let inline = shape == Shape::Inline;
        let split = state != State::Unsplit;
        match self.get(parent) {
            Piece::Text(_) | Piece::Space | Piece::Sequence(_) | Piece::Group(_) => true,
            Piece::List(list) => {
                let block = list.block_element.is_some_and(|index| list.elements[index].content == child);
                let is_element = list.elements.iter().any(|element| element.content == child);
                inline || split || !is_element || block
            }
            Piece::Assign { left, right, .. } => match state {
                State::Unsplit => inline,
                State::Second if child == *left => shape == Shape::Block,
                State::Second => matches!(shape, Shape::Inline | Shape::Other),
                State::First if child == *right => matches!(shape, Shape::Block | Shape::Headline),
                _ => true,
            },
            Piece::Chain { target, calls, properties, block_call } => match state {
                State::Split => true,
                _ if child == *target => matches!(shape, Shape::Inline | Shape::Block),
                State::Unsplit => inline,
                State::First => inline || block_call.is_some_and(|index| calls[index] == child),
                State::Second => inline || !calls[..*properties].contains(&child),
            },
            Piece::Infix { .. } | Piece::If { .. } => inline || split,
            Piece::Clauses { header, clauses, leading } => {
                let strict = child == *header || (*leading && child == clauses[0]);
                inline || state == State::Split || (split && !strict)
            }
            Piece::Constructor { body, .. } => inline || split || child == *body,
            Piece::Variable { header, .. } => inline || split || child != *header,
        }
    }

    /// The states that other pieces must have because of the state of this one.
    pub(super) fn constraints(&self, id: Id, state: State) -> Vec<(Id, State)> {
        let Piece::Constructor { parameters: Some(parameters), initializers, .. } = self.get(id) else {
            return Vec::new();
        };
        let (first, second) = match state {
            State::Unsplit => (State::Unsplit, State::Unsplit),
            State::First => (State::Unsplit, State::Split),
            _ => (State::Split, State::Split),
        };
        vec![(*parameters, first), (*initializers, second)]
    }
}

/// A piece of code.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    /// A space, unless a line ends there.
    Space,
    Sequence(Vec<Id>),
    /// An operand whose own indentation ends with it.
    Group(Id),
    List(List),
    /// `left right`, where `left` ends with `=`, `:` or `=>`. [`State::First`]: the right side is split and begins on
    /// this line. [`State::Second`]: the left side is split. [`State::Split`]: the right side has lines of its own.
    Assign {
        left: Id,
        right: Id,
        avoid_split: bool,
    },
    /// `target.call().call()`. [`State::First`]: only the arguments of one call are split. [`State::Second`]: the
    /// properties at the begin stay with the target.
    Chain {
        target: Id,
        calls: Vec<Id>,
        properties: usize,
        block_call: Option<usize>,
    },
    /// `a && b`, or `a ? b : c` if it is `conditional`; operands hold their operators.
    Infix {
        operands: Vec<Id>,
        indent: Indent,
        conditional: bool,
        pinned: bool,
    },
    /// `if (condition) body`.
    If {
        header: Id,
        body: Id,
    },
    /// A declaration and its clauses, such as `implements`. [`State::First`]: the first clause stays with it.
    Clauses {
        header: Id,
        clauses: Vec<Id>,
        leading: bool,
    },
    /// A constructor with initializers. [`State::First`]: they are on a line of their own. [`State::Second`]: the
    /// parameters are split, and the initializers follow the last line of them.
    Constructor {
        header: Id,
        parameters: Option<Id>,
        optional: bool,
        initializers: Id,
        body: Id,
    },
    /// A type and what is of that type. [`State::First`]: a line for each.
    Variable {
        header: Id,
        name: Id,
    },
}

/// A list between brackets, or initializers without them.
#[derive(Debug)]
pub(super) struct List {
    pub(super) before: Option<Id>,
    pub(super) elements: Vec<Element>,
    pub(super) after: Option<Id>,
    pub(super) commas: Commas,
    pub(super) cost: usize,
    /// Whether a split list may follow what stands before it on a line, as arguments do.
    pub(super) block_shaped: bool,
    /// The element that may have several lines although the list is not split.
    pub(super) block_element: Option<usize>,
    pub(super) pinned: bool,
}

/// An element of a list.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) content: Id,
    /// What follows it in place of a comma: one and a brace or bracket.
    pub(super) delimiter: Option<&'static str>,
}

/// Whether the last element of a list is followed by a comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commas {
    /// Always.
    Always,
    /// If the list is split.
    Trailing,
    /// Never.
    Never,
}

/// How a piece is split; what that means is up to the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    Unsplit,
    First,
    Second,
    Split,
}

/// The form that a piece has on the page, as far as what is around it must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Within one line.
    Inline,
    /// Begins and ends on lines of others, and is indented between them: `(\n  a,\n)`.
    Block,
    /// All on one line but for lines that follow and are indented.
    Headline,
    /// Anything else.
    Other,
}

/// What a line is indented for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indent {
    None,
    Assignment,
    Block,
    Expression,
    Group,
    Infix,
    Initializer,
    InitializerAfterOptional,
}

impl Indent {
    pub(super) fn spaces(self) -> usize {
        match self {
            Self::None | Self::Group => 0,
            Self::Block | Self::Initializer => 2,
            Self::InitializerAfterOptional => 3,
            Self::Assignment | Self::Expression | Self::Infix => 4,
        }
    }
}
