//! What is said.

use streampod::auth::Store;
use streampod_testing::flush;

use super::late_store::LateStore;
use super::*;
use crate::history::{History, KEPT, SHOWN_MAX_BYTES};
use crate::models::{Room, User};

#[tokio::test]
async fn what_is_said_in_a_room_reaches_everybody_there() {
    let app = app();
    let (ann, ben) = (device_of(&app, "Ann").await, device_of(&app, "Ben").await);
    let rooms: Vec<Room> = soon(ann.call("chat", "rooms", &[])).await.unwrap();
    assert_eq!(rooms.first().map(|room| room.name.as_str()), Some("lobby"));

    let (mut of_ann, mut of_ben, mut elsewhere) =
        (follow(&ann, "lobby"), follow(&ben, "lobby"), follow(&ben, "rust"));
    for stream in [&mut of_ann, &mut of_ben, &mut elsewhere] {
        assert_eq!(earlier(stream).await, [""; 0]);
    }
    let taken = post(&ann, "lobby", "  Hello, <b>all</b>! \n").await.unwrap();
    for stream in [&mut of_ann, &mut of_ben] {
        assert_eq!(said(stream).await, taken);
    }
    assert_eq!((taken.text.as_str(), taken.from.name.as_str()), ("Hello, <b>all</b>!", "Ann"));
    assert_eq!((taken.room.as_deref(), taken.to), (Some("lobby"), None));
    flush().await;
    assert!(at_once(elsewhere.next()).is_none(), "other rooms do not hear it");

    // Who comes later finds it.
    assert_eq!(earlier(&mut follow(&ben, "lobby")).await, ["Hello, <b>all</b>!"]);
}

#[tokio::test]
async fn what_is_said_while_somebody_reads_the_history_is_not_lost() {
    let store = Arc::new(LateStore::new());
    let app = app_with(store.clone());
    let (ann, ben) = (device_of(&app, "ann").await, device_of(&app, "ben").await);
    store.puts.add_permits(1);
    let mut lobby = follow(&ben, "lobby");
    assert!(at_once(lobby.next()).is_none());
    flush().await; // He has read that there is nothing, and is about to be told so.
    let taken = post(&ann, "lobby", "just now").await.unwrap();
    store.reads.add_permits(1);
    assert_eq!(earlier(&mut lobby).await, [""; 0]);
    assert_eq!(said(&mut lobby).await, taken);
}

#[tokio::test]
async fn what_is_being_kept_while_somebody_comes_is_not_lost() {
    let store = Arc::new(LateStore::new());
    let app = app_with(store.clone());
    let (ann, ben) = (device_of(&app, "ann").await, device_of(&app, "ben").await);
    store.reads.add_permits(1);
    let mut posting = std::pin::pin!(post(&ann, "lobby", "just now"));
    assert!(at_once(&mut posting).is_none());
    flush().await; // She has said it, and it is about to be kept.
    let mut lobby = follow(&ben, "lobby");
    assert_eq!(earlier(&mut lobby).await, [""; 0]);
    store.puts.add_permits(1);
    let taken = posting.await.unwrap();
    assert_eq!(said(&mut lobby).await, taken);
}

#[tokio::test]
async fn direct_messages_reach_every_device_of_both_and_nobody_else() {
    let app = app();
    let (ann, phone) = (device_of(&app, "ann").await, device_of(&app, "ann").await);
    let (ben, eve) = (device_of(&app, "ben").await, device_of(&app, "eve").await);
    let mut inboxes = [inbox(&ann), inbox(&phone), inbox(&ben), inbox(&eve)];
    for stream in &mut inboxes {
        earlier(stream).await;
    }
    let taken = direct(&ann, "ben", "psst").await.unwrap();
    let [of_ann, of_phone, of_ben, of_eve] = &mut inboxes;
    for stream in [of_ann, of_phone, of_ben] {
        assert_eq!(said(stream).await, taken);
    }
    flush().await;
    assert!(at_once(of_eve.next()).is_none());
    assert_eq!(earlier(&mut inbox(&ben)).await, ["psst"]);
    assert_eq!(earlier(&mut inbox(&eve)).await, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_with_a_reason() {
    let app = app();
    let ann = device_of(&app, "ann").await;
    assert_eq!(why(&post(&ann, "lobby", " \n ").await.unwrap_err()), "There is nothing in it.");
    let long = "ä".repeat(2_001);
    let reason = why(&post(&ann, "lobby", &long).await.unwrap_err());
    assert_eq!(reason, "It has 2001 characters; 2000 are allowed.");
    assert_eq!(why(&post(&ann, "cellar", "hello").await.unwrap_err()), "There is no such room.");
    assert_eq!(why(&direct(&ann, "nobody", "hello").await.unwrap_err()), "There is nobody of that name.");
    assert_eq!(why(&direct(&ann, "ann", "hello").await.unwrap_err()), "That is you.");
    let error = soon(follow(&ann, "cellar").next()).await.unwrap().unwrap_err();
    assert_eq!(why(&error), "There is no such room.");
    assert_eq!(earlier(&mut follow(&ann, "lobby")).await, [""; 0]);
}

#[tokio::test]
async fn nobody_floods_a_room() {
    let app = app();
    let (ann, ben) = (device_of(&app, "ann").await, device_of(&app, "ben").await);
    let mut taken = 0;
    let error = loop {
        match post(&ann, "lobby", "spam").await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 100);
    };
    assert!(taken >= 10, "a burst is fine");
    assert_eq!(why(&error), "That was very quick. Wait a moment.");
    post(&ben, "lobby", "others can still be heard").await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_sent_again_keeps_its_id() {
    let app = app();
    let ann = device_of(&app, "ann").await;
    let mut lobby = follow(&ann, "lobby");
    earlier(&mut lobby).await;
    let id = Uuid::new_v4();
    let (room, text) = ("lobby".to_owned(), "twice".to_owned());
    for _ in 0..2 {
        let arguments: [(&str, &dyn streampod::wire::Encode); 3] =
            [("id", &id), ("room", &room), ("text", &text)];
        soon(ann.call::<Message>("chat", "post", &arguments)).await.unwrap();
        assert_eq!(said(&mut lobby).await.id, id);
    }
}

#[tokio::test]
async fn history_is_bounded_in_messages() {
    let store = Arc::new(MemoryStore::new());
    let history = History::new(store.clone());
    for n in 0..KEPT + 30 {
        history.add("room_lobby", &message(n, "hello")).await.unwrap();
        assert!(store.entries("chat.history.room_lobby").await.unwrap().len() < KEPT + 16);
    }
    // Another server that reads it has the same.
    let messages = History::new(store.clone()).of("room_lobby").await.unwrap();
    let expected: Vec<_> = (30..KEPT + 30).map(|n| message(n, "hello")).collect();
    assert_eq!(messages, expected);
    assert_eq!(store.entries("chat.history.room_lobby").await.unwrap().len(), KEPT);
    assert!(history.of("room_rust").await.unwrap().is_empty());
}

#[tokio::test]
async fn history_is_bounded_in_bytes() {
    let history = History::new(Arc::new(MemoryStore::new()));
    let text = "🦀".repeat(2_000);
    for n in 0..KEPT {
        history.add("room_lobby", &message(n, &text)).await.unwrap();
    }
    let messages = history.of("room_lobby").await.unwrap();
    assert!(messages.len() * text.len() <= SHOWN_MAX_BYTES);
    assert!((messages.len() + 2) * text.len() > SHOWN_MAX_BYTES, "no less than fits: {}", messages.len());
    assert_eq!(messages.last(), Some(&message(KEPT - 1, &text)), "the newest ones");
}

#[tokio::test]
async fn nothing_is_left_of_who_leaves() {
    let app = app();
    flush().await;
    // What announces who is online is there before anybody comes.
    let before = app.handle().stats();
    let ann = device_of(&app, "ann").await;
    let (mut lobby, mut of_ann) = (follow(&ann, "lobby"), inbox(&ann));
    let mut presence = ann.open::<models::People>("chat", "presence", &[]).stream();
    earlier(&mut lobby).await;
    earlier(&mut of_ann).await;
    next(&mut presence).await;
    drop((lobby, of_ann, presence));
    soon(async {
        loop {
            flush().await;
            if app.handle().stats() == before {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// The `n`th message, a second after the one before.
fn message(n: usize, text: &str) -> Message {
    let from = User { id: "ann".into(), name: "Ann".into() };
    let at = UtcDateTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000 + n as u64);
    let id = Uuid::from_u128(u128::MAX - n as u128);
    Message { id, from, room: Some("lobby".into()), to: None, text: text.to_owned(), at }
}

/// What a future resolves to without waiting.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}
