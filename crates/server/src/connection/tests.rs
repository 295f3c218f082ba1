use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use streampod_events::LocalBroker;
use streampod_websocket::{Event, Reader, Role};
use tokio::io::{AsyncReadExt, DuplexStream, duplex};

use super::*;
use crate::config::Config;
use crate::endpoint::Registry;
use crate::limits::Limits;
use crate::transport::WebSocket;

/// A protocol whose methods take all of what tokio grants the task for one poll, so many times.
struct Greedy {
    runs: Arc<AtomicUsize>,
    link: Arc<Link>,
}

impl Protocol for Greedy {
    fn receive(&mut self, _: &str, _: Instant) -> Taken {
        Taken::Unanswered
    }

    fn run(&mut self) {
        let runs = self.runs.load(Ordering::Relaxed);
        if runs > 0 {
            self.runs.store(runs - 1, Ordering::Relaxed);
            self.link.wire.lock().out.text("text");
            while tokio::task::coop::has_budget_remaining() {
                let _ = tokio::task::consume_budget().now_or_never();
            }
            self.link.task.wake();
        }
    }

    fn is_full(&mut self) -> bool {
        false
    }

    fn unblock(&mut self) -> bool {
        false
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn check_time(&mut self, _: Instant) -> Option<Close> {
        None
    }

    fn disconnect(&mut self) {}
}

/// A connection whose methods are greedy so many times, and the client's end of it.
fn connect(runs: &Arc<AtomicUsize>) -> DuplexStream {
    let runs = Arc::clone(runs);
    let (ours, theirs) = duplex(64 * 1024);
    let broker = Arc::new(LocalBroker::default());
    let server =
        ServerState::new(Config::default(), Limits::default(), Registry::default(), broker, None, Vec::new());
    tokio::spawn(serve(Arc::new(server), WebSocket::new(ours, &[], 1024, None), move |_, link| Greedy {
        runs,
        link,
    }));
    theirs
}

/// The next frame, in words; `None` at the end.
async fn next(client: &mut DuplexStream) -> Option<String> {
    let mut bytes = [0; 256];
    let count = client.read(&mut bytes).await.unwrap();
    let mut reader = Reader::new(Role::Client, 1024);
    let mut input = reader.input(&mut bytes[..count]);
    input.next().unwrap().map(|event| match event {
        Event::Text(text) => text.to_owned(),
        Event::Ping(_) => "ping".to_owned(),
        other => format!("{other:?}"),
    })
}

#[tokio::test(start_paused = true)]
async fn the_timer_wakes_a_connection_whose_methods_were_greedy() {
    let mut client = connect(&Arc::new(AtomicUsize::new(1)));
    assert_eq!(next(&mut client).await.as_deref(), Some("text"));
    assert_eq!(next(&mut client).await.as_deref(), Some("ping"));
    assert_eq!(next(&mut client).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_greedy_methods_write_is_sent_while_they_go_on() {
    let runs = Arc::new(AtomicUsize::new(1000));
    let mut client = connect(&runs);
    assert_eq!(next(&mut client).await.as_deref(), Some("text"));
    assert!(runs.load(Ordering::Relaxed) > 0);
}
