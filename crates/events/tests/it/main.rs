//! What every broker must pass, and what only the channels of one process show.

#![allow(clippy::unwrap_used)]

mod buggy;
mod channels;
mod interest;

use std::sync::Arc;

use streampod_events::contract::{self, Brokers};
use streampod_events::{Broker, LocalBroker};

struct Local;

impl Brokers for Local {
    async fn make(&self, count: usize) -> Vec<Arc<dyn Broker>> {
        assert_eq!(count, 1, "this broker reaches no other one");
        vec![Arc::new(LocalBroker::default())]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_of_one_process_keeps_the_contract() {
    contract::check(&Local).await;
}
