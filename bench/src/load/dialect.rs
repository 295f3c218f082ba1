//! What a connection of the load speaks.

/// One connection's side of a protocol: writes numbered messages, and checks that what comes back is what was sent.
pub(crate) trait Dialect {
    /// Writes what opens the connection.
    fn hello(&mut self, out: &mut Vec<u8>);

    /// Writes the next `count` messages. What answers the server's own frames goes first.
    fn send(&mut self, count: usize, out: &mut Vec<u8>);

    /// Reads all that is whole in `input`, and writes into `out` what the server expects at once, such as a pong.
    ///
    /// # Errors
    ///
    /// Fails if an answer is not the next one, in whole.
    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<Progress>;

    /// Whether the server has accepted the connection and its call.
    fn is_open(&self) -> bool;

    /// How many messages can be sent before the server grants more.
    fn room(&self) -> usize {
        usize::MAX
    }
}

/// What a [`Dialect`] read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many bytes of the input.
    pub(crate) consumed: usize,
    /// How many answers.
    pub(crate) answers: usize,
}
