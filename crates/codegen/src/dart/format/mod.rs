//! Laying Dart out as `dart format` does.
//!
//! What is followed is the style of language version 3.8 with trailing commas preserved, as `analysis_options.yaml` of a
//! generated package asks for: a list that ends with a comma has a line for each element. A package for the client of 2.9 has
//! it too, although it also runs on Dart 3.5, for which `dart format` has an older style: one is enough to keep right.
//!
//! The way of a text: [`token`] takes it apart, [`parser`] reads declarations and statements, of which each is a
//! [`Tree`](piece::Tree) of pieces that can be split in several ways, and [`solver`] finds the cheapest way that fits the
//! line. Only the Dart that the generators write is understood.

mod expression;
mod list;
mod parameter;
mod parser;
mod piece;
mod solver;
mod statement;
#[cfg(test)]
mod tests;
mod token;
mod ty;
mod writer;

/// The longest line, in characters.
const WIDTH: usize = 80;

/// Lays out a Dart library.
pub(super) fn format(text: &str) -> String {
    parser::Parser::new(text).library()
}
