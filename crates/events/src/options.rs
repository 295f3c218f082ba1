//! How subscriptions are bounded.

/// How a subscription is bounded, and what happens when it falls behind by more than that, or the connection between
/// servers is lost for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// How many messages it may be behind. Default: 256. At least 1.
    pub bound: usize,
    /// What happens when it is behind by more. Default: [`OnLag::Report`].
    pub on_lag: OnLag,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self { bound: 256, on_lag: OnLag::Report }
    }
}

/// What happens when a subscription falls behind by more than its bound, and loses the oldest messages by that; and when it
/// may have missed messages because the connection between servers was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnLag {
    /// The gap is an element of the stream: [`SubscriptionError::Lagged`](crate::SubscriptionError::Lagged) or
    /// [`Interrupted`](crate::SubscriptionError::Interrupted). The stream goes on behind it.
    #[default]
    Report,
    /// The stream goes on with the newest messages; [`Subscription::missed`](crate::Subscription::missed) counts those it lost, and a warning is
    /// logged.
    KeepNewest,
    /// The gap is the last element of the stream.
    Close,
}
