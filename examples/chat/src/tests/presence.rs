//! Who is online.

use super::*;
use crate::models::{Announcement, People, User};
use crate::presence::{CHANNEL, PATIENCE};

/// Waits until exactly these are online.
async fn online(people: &mut CallStream<People>, expected: &[&str]) {
    loop {
        let found = next(people).await.online;
        if found.iter().map(|user| user.id.as_str()).collect::<Vec<_>>() == expected {
            return;
        }
    }
}

fn presence(client: &Client) -> CallStream<People> {
    client.open("chat", "presence", &[]).stream()
}

#[tokio::test]
async fn a_user_is_online_while_any_device_is() {
    let app = app();
    let (ann, ben) = (device_of(&app, "ann").await, device_of(&app, "ben").await);
    let phone = device_of(&app, "ben").await;
    let mut of_ann = presence(&ann);
    online(&mut of_ann, &["ann"]).await;
    let (of_ben, of_phone) = (presence(&ben), presence(&phone));
    online(&mut of_ann, &["ann", "ben"]).await;
    drop(of_ben);
    drop(of_phone);
    online(&mut of_ann, &["ann"]).await;
    let mut of_ben = presence(&ben);
    online(&mut of_ben, &["ann", "ben"]).await;
    drop(of_ann);
    online(&mut of_ben, &["ben"]).await;
    let _of_ann = presence(&ann);
    online(&mut of_ben, &["ann", "ben"]).await;
}

/// What another server says.
async fn announce(app: &TestApp, server: Uuid, users: &[&str]) {
    let users = users.iter().map(|name| User { id: (*name).into(), name: (*name).into() }).collect();
    let announcement = Announcement { server, users, asks: false };
    app.anonymous().session().messages().post(CHANNEL, announcement).await.unwrap();
}

#[tokio::test]
async fn users_of_other_servers_are_online_until_these_say_nothing_more() {
    let app = app();
    let ann = device_of(&app, "ann").await;
    let mut of_ann = presence(&ann);
    online(&mut of_ann, &["ann"]).await;
    let [second, third] = [1, 2].map(Uuid::from_u128);
    announce(&app, second, &["ben", "eve"]).await;
    online(&mut of_ann, &["ann", "ben", "eve"]).await;
    announce(&app, third, &["eve", "zoe"]).await;
    online(&mut of_ann, &["ann", "ben", "eve", "zoe"]).await;
    announce(&app, third, &[]).await;
    online(&mut of_ann, &["ann", "ben", "eve"]).await;

    // From here on, the second server is dead.
    tokio::time::pause();
    let died = tokio::time::Instant::now();
    let gone = tokio::time::timeout(PATIENCE * 2, of_ann.next()).await.expect("they are gone");
    assert_eq!(gone.unwrap().unwrap().online.len(), 1);
    assert!(died.elapsed() > PATIENCE / 2, "not at once: {:?}", died.elapsed());
}

#[tokio::test]
async fn a_server_answers_one_that_asks() {
    let app = app();
    let session = app.anonymous().session();
    let mut announcements = session.messages().stream::<Announcement>(CHANNEL);
    let ann = device_of(&app, "ann").await;
    let mut of_ann = presence(&ann);
    online(&mut of_ann, &["ann"]).await;
    let first = next(&mut announcements).await;
    assert!(first.asks, "a server that starts asks who is where");

    let asking = Announcement { server: Uuid::from_u128(1), users: Vec::new(), asks: true };
    session.messages().post(CHANNEL, asking).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(2), async {
        let mut asked = false;
        loop {
            let announcement = next(&mut announcements).await;
            if asked && announcement.server == first.server {
                break assert_eq!(announcement.users[0].id, "ann");
            }
            asked |= announcement.asks && announcement.server != first.server;
        }
    })
    .await
    .expect("an answer before the next heartbeat");
}
