//! What every broker must pass, and what only the channels of one process show.

#![allow(clippy::unwrap_used)]

mod channels;
mod contract;

use std::sync::Arc;

use streampod_events::LocalBroker;

/// The brokers that pass the contract.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_of_one_process_keeps_the_contract() {
    contract::check(|| Arc::new(LocalBroker::default())).await;
}
