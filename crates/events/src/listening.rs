//! Being called with what a channel carries.

use std::fmt;
use std::sync::Arc;

use crate::channel::Channel;
use crate::channels::Channels;
use crate::message::Message;

/// What a listener on a channel hears.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// A message.
    Message(&'a Message),
    /// What is posted from now on arrives here; what was posted before may have been missed.
    Gap,
    /// Nothing that is posted on other servers arrives here, for what connects the servers refuses the channel.
    Refused,
}

/// What calls a listener.
pub(crate) type Listener = Arc<dyn Fn(Heard<'_>) + Send + Sync>;

/// A listener on a channel, which is called until this is dropped.
#[must_use = "the listener is removed when this is dropped"]
pub struct Listening {
    channels: Arc<Channels>,
    channel: Arc<Channel>,
    key: usize,
}

impl Listening {
    pub(crate) fn new(channels: Arc<Channels>, channel: Arc<Channel>, key: usize) -> Self {
        Self { channels, channel, key }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.channels.stop_listening(&self.channel, self.key);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("channel", &self.channel.name()).finish()
    }
}
