//! The cheapest way to split pieces so that they fit the line.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;

use super::piece::{Id, Piece, Shape, State, Tree};
use super::writer::{Page, Place, write};

/// How many solutions are tried before the best so far is taken.
const ATTEMPTS_MAX: usize = 10_000;

/// A piece, its state if that is settled, and where it stands.
type Problem = (Id, Option<State>, Place);

/// Finds layouts for the pieces of a tree, and remembers them.
pub(super) struct Solver<'t> {
    pub(super) tree: &'t Tree,
    found: RefCell<HashMap<Problem, Rc<Solution>>>,
}

impl<'t> Solver<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        Self { tree, found: RefCell::default() }
    }

    /// The best layout of a piece at a place.
    pub(super) fn solve(&self, root: Id, state: Option<State>, place: Place) -> Rc<Solution> {
        let key = (root, state, place);
        if let Some(solution) = self.found.borrow().get(&key) {
            return Rc::clone(solution);
        }
        let solution = Rc::new(self.search(root, state, place));
        self.found.borrow_mut().insert(key, Rc::clone(&solution));
        solution
    }

    fn search(&self, root: Id, state: Option<State>, place: Place) -> Solution {
        let mut initial = Solution::default();
        if let Some(state) = state {
            initial.bind(self.tree, root, state);
        }
        write(self, &mut initial, root, place);
        let mut queue = BinaryHeap::from([initial]);
        let mut best: Option<Solution> = None;
        for _ in 0..ATTEMPTS_MAX {
            let Some(solution) = queue.pop() else { break };
            let expansions = self.expand(&solution, root, place);
            let better = best.as_ref().is_none_or(|best| {
                !best.page.is_valid || (solution.page.is_valid && solution.page.overflow < best.page.overflow)
            });
            if solution.page.is_valid && solution.page.overflow == 0 {
                return solution;
            }
            if better {
                best = Some(solution);
            }
            queue.extend(expansions);
        }
        best.unwrap_or_default()
    }

    /// The solutions in which one more piece of the first bad line is split.
    fn expand(&self, solution: &Solution, root: Id, place: Place) -> Vec<Solution> {
        let mut expansions = Vec::new();
        let unsolved = &solution.page.unsolved;
        for (index, piece) in unsolved.iter().enumerate() {
            for state in self.tree.states(*piece) {
                let mut expanded =
                    Solution { bound: solution.bound.clone(), cost: solution.cost, ..Solution::default() };
                unsolved[..index].iter().for_each(|piece| expanded.bind(self.tree, *piece, State::Unsplit));
                expanded.bind(self.tree, *piece, *state);
                if !expanded.is_dead {
                    write(self, &mut expanded, root, place);
                    expansions.push(expanded);
                }
            }
        }
        expansions
    }
}

/// A layout: which pieces are in which states, and what that looks like.
#[derive(Debug, Default)]
pub(super) struct Solution {
    /// The pieces whose state is settled, in the order in which that happened.
    bound: Vec<(Id, State)>,
    cost: usize,
    /// Whether states were asked for that contradict each other.
    is_dead: bool,
    pub(super) page: Page,
}

impl Solution {
    pub(super) fn total_cost(&self) -> usize {
        self.cost + self.page.inner_cost
    }

    /// The state of a piece, if it is settled.
    pub(super) fn bound(&self, tree: &Tree, piece: Id) -> Option<State> {
        let bound = || self.bound.iter().find(|(id, _)| *id == piece).map(|(_, state)| *state);
        tree.pinned(piece).or_else(bound)
    }

    /// The state of a piece.
    pub(super) fn state(&self, tree: &Tree, piece: Id) -> State {
        self.bound(tree, piece).unwrap_or(State::Unsplit)
    }

    /// Settles the state of a piece, and of those that depend on it.
    pub(super) fn bind(&mut self, tree: &Tree, piece: Id, state: State) {
        if self.is_dead {
            return;
        }
        match self.bound(tree, piece) {
            Some(bound) => self.is_dead |= bound != state,
            None => {
                self.cost += tree.cost(piece, state);
                self.bound.push((piece, state));
                for (other, state) in tree.constraints(piece, state) {
                    self.bind(tree, other, state);
                }
                for child in tree.children(piece) {
                    let shapes = [Shape::Block, Shape::Headline, Shape::Other];
                    if !shapes.into_iter().any(|shape| tree.allows(piece, state, child, shape)) {
                        self.keep_inline(tree, child);
                    }
                }
            }
        }
    }

    /// Settles that nothing in a piece is split.
    fn keep_inline(&mut self, tree: &Tree, piece: Id) {
        // A constructor's initializers can follow it although they count as split.
        if !tree.states(piece).is_empty() && !matches!(tree.get(piece), Piece::Constructor { .. }) {
            self.bind(tree, piece, State::Unsplit);
        }
        for child in tree.children(piece) {
            if self.is_dead {
                return;
            }
            self.keep_inline(tree, child);
        }
    }
}

/// The better of two solutions is the greater one: cheaper, then with less beyond the line's end, then with later pieces
/// split rather than earlier ones.
impl Ord for Solution {
    fn cmp(&self, other: &Self) -> Ordering {
        let states = |solution: &Self, id: Id| {
            solution.bound.iter().find(|(bound, _)| *bound == id).map_or(State::Unsplit, |(_, state)| *state)
        };
        let cost = other.total_cost().cmp(&self.total_cost());
        cost.then_with(|| other.page.overflow.cmp(&self.page.overflow)).then_with(|| {
            let mut differing = self.bound.iter().map(|(id, state)| (*state, states(other, *id)));
            differing
                .find(|(own, other)| own != other)
                .map_or(Ordering::Equal, |(own, other)| other.cmp(&own))
        })
    }
}

impl PartialOrd for Solution {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Solution {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Solution {}
