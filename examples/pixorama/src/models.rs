//! What travels.

use streampod::prelude::*;

/// The whole picture.
#[derive(Debug, Clone, Model)]
pub(crate) struct ImageData {
    /// One byte for each pixel, row by row: the index of its colour.
    pub pixels: Bytes,
    /// How many pixels a row has.
    pub width: i64,
    /// How many rows there are.
    pub height: i64,
}

/// One pixel that has changed.
#[derive(Debug, Clone, Model)]
pub(crate) struct ImageUpdate {
    /// The pixel: its row times the width, plus its column.
    pub pixel_index: i64,
    /// The index of its new colour.
    pub color_index: i64,
}

/// A pixel or colour that does not exist.
#[derive(Debug, Clone, Exception)]
pub(crate) struct OutOfRange {
    /// What is wrong, in words.
    pub message: String,
}
