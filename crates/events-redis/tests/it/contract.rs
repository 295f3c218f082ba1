//! The contract of all brokers.

use std::sync::Arc;

use streampod_events::Broker;
use streampod_events::contract::{self, Brokers};
use tokio::sync::Mutex;

use crate::kit::RedisServer;

/// Brokers on one Redis, which is a new one for those that are made next.
#[derive(Default)]
struct Cluster(Mutex<Option<RedisServer>>);

impl Brokers for Cluster {
    async fn make(&self, count: usize) -> Vec<Arc<dyn Broker>> {
        let server = RedisServer::start().await;
        let mut brokers: Vec<Arc<dyn Broker>> = Vec::new();
        for _ in 0..count {
            brokers.push(server.broker().await);
        }
        *self.0.lock().await = Some(server);
        brokers
    }

    async fn interrupt(&self) -> bool {
        self.0.lock().await.as_mut().unwrap().kill();
        true
    }

    async fn restore(&self) {
        self.0.lock().await.as_mut().unwrap().restart().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_over_redis_keeps_the_contract() {
    contract::check(&Cluster::default()).await;
}

/// The same where nothing runs in parallel.
#[tokio::test]
async fn it_keeps_it_on_one_thread() {
    contract::check(&Cluster::default()).await;
}
