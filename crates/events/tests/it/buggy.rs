//! That the contract's tests find what is wrong with a broker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use streampod_events::contract::{self, Brokers};
use streampod_events::{Broker, Channels, LocalBroker, PostFuture};
use streampod_wire::Object;

/// What is wrong with it.
#[derive(Clone, Copy)]
enum Fault {
    LosesSome,
    DeliversSomeTwice,
    SwapsSome,
    LosesTheFirst,
}

struct Buggy {
    right: LocalBroker,
    fault: Fault,
    posts: AtomicU64,
    kept: parking_lot::Mutex<Option<(String, Object)>>,
}

impl Broker for Buggy {
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a> {
        let number = self.posts.fetch_add(1, Ordering::Relaxed);
        let is_special = number % 100 == 99;
        match self.fault {
            Fault::LosesSome if is_special => {}
            Fault::LosesTheFirst if number == 0 => {}
            Fault::SwapsSome if is_special => *self.kept.lock() = Some((channel.to_owned(), message)),
            Fault::DeliversSomeTwice if is_special => {
                self.right.channels().deliver(channel, message.clone());
                return self.right.post(channel, message);
            }
            _ => {
                self.right.channels().deliver(channel, message);
                if let Some((channel, message)) = self.kept.lock().take() {
                    self.right.channels().deliver(&channel, message);
                }
            }
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn channels(&self) -> &Arc<Channels> {
        self.right.channels()
    }

    fn is_clustered(&self) -> bool {
        false
    }
}

impl Brokers for Fault {
    async fn make(&self, _: usize) -> Vec<Arc<dyn Broker>> {
        let (right, posts, kept) = (LocalBroker::default(), AtomicU64::new(0), Default::default());
        vec![Arc::new(Buggy { right, fault: *self, posts, kept })]
    }
}

#[tokio::test]
#[should_panic = "of publisher"]
async fn a_lost_message_is_found() {
    contract::check(&Fault::LosesSome).await;
}

#[tokio::test]
#[should_panic = "of publisher"]
async fn a_message_that_comes_twice_is_found() {
    contract::check(&Fault::DeliversSomeTwice).await;
}

#[tokio::test]
#[should_panic = "of publisher"]
async fn a_wrong_order_is_found() {
    contract::check(&Fault::SwapsSome).await;
}

#[tokio::test]
#[should_panic = "of publisher"]
async fn a_lost_first_message_is_found() {
    contract::check(&Fault::LosesTheFirst).await;
}
