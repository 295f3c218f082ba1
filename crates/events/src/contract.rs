//! The contract of [`Broker`], as tests that whoever writes a broker runs (feature `contract`).
//!
//! ```
//! use std::sync::Arc;
//! use streampod_events::contract::{self, Brokers};
//! use streampod_events::{Broker, LocalBroker};
//!
//! struct Local;
//!
//! impl Brokers for Local {
//!     async fn make(&self, _count: usize) -> Vec<Arc<dyn Broker>> {
//!         vec![Arc::new(LocalBroker::default())]
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! contract::check(&Local).await;
//! # }
//! ```

mod kit;
mod many;
mod one;

use std::sync::Arc;

use crate::broker::Broker;

/// Makes the brokers that are tested.
pub trait Brokers: Sync {
    /// So many brokers that reach each other, and none that was made earlier. They are connected, and nobody listens on
    /// them. More than one is asked for only if they are [clustered](Broker::is_clustered).
    fn make(&self, count: usize) -> impl Future<Output = Vec<Arc<dyn Broker>>> + Send;

    /// Breaks what connects brokers, so that none of those that were made reaches another; true if that is possible. Some may
    /// not have noticed when this resolves.
    fn interrupt(&self) -> impl Future<Output = bool> + Send {
        async { false }
    }

    /// Mends it. The brokers may not be connected yet when this resolves.
    fn restore(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Runs every test, each on brokers of its own. It wants a tokio runtime with time enabled, and takes some seconds.
///
/// # Panics
///
/// Panics if a broker breaks the contract.
pub async fn check(brokers: &impl Brokers) {
    let one = async || kit::one(brokers).await;
    one::order_is_kept(one().await).await;
    one::nothing_is_lost(one().await).await;
    one::every_subscriber_receives_every_message(one().await).await;
    one::only_messages_after_subscribing_arrive(one().await).await;
    one::unsubscribing_leaves_nothing(one().await).await;
    one::a_channel_that_comes_and_goes_works(one().await).await;
    one::ten_thousand_channels_do_not_meet(one().await).await;
    one::a_slow_subscriber_learns_what_it_missed_and_others_miss_nothing(one().await).await;
    one::a_message_of_another_type_is_an_error_and_no_end(one().await).await;
    one::a_message_that_cannot_travel_is_an_error(one().await).await;
    one::a_closed_subscription_ends(one().await).await;
    one::listeners_hear_every_message(one().await).await;
    one::clients_do_not_see_what_is_for_servers(one().await).await;
    if !one().await.is_clustered() {
        return;
    }
    let pair = async || <[Arc<dyn Broker>; 2]>::try_from(brokers.make(2).await).ok().expect("two brokers");
    many::both_receive_every_message_once(pair().await).await;
    many::order_is_kept_between_servers(pair().await).await;
    many::servers_see_what_is_for_servers(pair().await).await;
    many::unsubscribing_on_one_leaves_the_other(pair().await).await;
    many::an_interruption_is_told_once(brokers, pair().await).await;
}
