//! Message channels: what one session posts, every session that listens receives.
//!
//! A [`Broker`] carries messages; [`LocalBroker`] carries them inside one process. [`Channels`] holds the channels that
//! somebody listens to here, for every kind of broker, and hands out [`Subscription`]s.
//!
//! A channel keeps its messages once, in a ring, and each subscription has a place in it. So a post costs the same
//! memory for one subscriber and for ten thousand, a slow subscriber holds no queue of its own, and one that falls too
//! far behind learns how many messages it missed.
//!
//! Whoever writes a broker checks it by the feature `contract`, which has the tests that all brokers pass.

mod broker;
mod channel;
mod channels;
#[cfg(feature = "contract")]
pub mod contract;
mod listening;
mod message;
mod options;
mod places;
mod subscription;

pub use broker::{Broker, LocalBroker, PostError, PostErrorKind, PostFuture};
pub use channels::{Channels, Interest};
pub use listening::{Heard, Listening};
pub use message::Message;
pub use options::{OnLag, SubscribeOptions};
pub use subscription::{Closer, Subscription, SubscriptionError};
