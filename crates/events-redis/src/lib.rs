//! Message channels over Redis: what connects the servers of a cluster.
//!
//! [`RedisBroker`] is a [`Broker`](streampod_events::Broker) that keeps the broker's contract over Redis 6 or later, or what
//! is compatible with it. Messages are published as section 5 of the wire contract says, so servers written in Dart take part.
//!
//! # What a server holds
//!
//! One connection for posts, on which they are pipelined, and one for what arrives. Redis sends a channel to a server once, however
//! many sessions listen to it there, and only while one does. A message that arrives is put into its channel's ring by the
//! task that reads the socket: there is no queue in between, and while a message is delivered the next one waits in the socket.
//! A server that reads too slowly for long is disconnected by Redis, which is an interruption like others.
//!
//! # When the connection is lost
//!
//! A connection counts as lost when it is closed, or when a PING on it gets no answer. It is made again after pauses that grow, for
//! ever. Meanwhile posts fail at once, or wait if [`RedisSettings::waiting_posts`] says so. Every subscription learns by
//! [`SubscriptionError::Interrupted`](streampod_events::SubscriptionError::Interrupted) that it may have missed messages, once
//! for each outage, when its channel works again and before anything newer.
//!
//! # When Redis refuses a channel
//!
//! A user may have no right to a channel. Its subscriptions learn that by
//! [`SubscriptionError::Refused`](streampod_events::SubscriptionError::Refused) and end, and posts on it fail. Redis is asked again
//! for whoever subscribes later, and on the next connection.
//!
//! # What is sent once
//!
//! A post is never sent twice. If its connection is lost before Redis has answered, the post fails with
//! [`PostErrorKind::Unanswered`](streampod_events::PostErrorKind::Unanswered), and its caller decides.

mod arriving;
mod broker;
mod connect;
mod link;
mod outage;
mod pace;
mod publisher;
mod settings;
mod sieve;
mod subscriber;
mod tls;
mod wishes;

pub use broker::RedisBroker;
pub use settings::RedisSettings;
