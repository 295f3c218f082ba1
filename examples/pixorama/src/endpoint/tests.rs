//! Tests of the endpoint: its methods by themselves, then as clients see them.

use std::fmt::Debug;

use streampod::prelude::*;
use streampod_testing::client::{Client, ClientOptions};
use streampod_testing::{TestApp, flush, soon};

use super::{BLANK, HEIGHT, PixoramaEndpoint, WIDTH};
use crate::models::{self, ImageData, ImageUpdate, OutOfRange};

/// The next element of a stream.
async fn next<T, E: Debug>(stream: &mut (impl Stream<Item = Result<T, E>> + Unpin)) -> T {
    soon(stream.next()).await.expect("another element").unwrap()
}

/// The next element, which is the whole picture.
async fn picture<E: Debug>(stream: &mut (impl Stream<Item = Result<Value, E>> + Unpin)) -> ImageData {
    next(stream).await.downcast_ref::<ImageData>().expect("the picture").clone()
}

/// The next element, which is a pixel: its index and its colour.
async fn pixel<E: Debug>(stream: &mut (impl Stream<Item = Result<Value, E>> + Unpin)) -> (i64, i64) {
    let element = next(stream).await;
    let update = element.downcast_ref::<ImageUpdate>().expect("a pixel");
    (update.pixel_index, update.color_index)
}

#[tokio::test]
async fn who_looks_gets_the_picture_and_then_what_changes() {
    let app = TestApp::new(crate::api);
    let (alice, bob) = (app.anonymous().session(), app.anonymous().session());
    let pixorama = PixoramaEndpoint::default();
    let mut of_bob = Box::pin(pixorama.image_updates(&bob).await.unwrap());
    let blank = picture(&mut of_bob).await;
    assert_eq!((blank.width, blank.height), (64, 64));
    assert_eq!(blank.pixels, vec![BLANK; WIDTH * HEIGHT]);

    pixorama.set_pixel(&alice, 7, 65).await.unwrap();
    assert_eq!(pixel(&mut of_bob).await, (65, 7));

    // Who comes later finds it in the picture.
    let mut of_alice = Box::pin(pixorama.image_updates(&alice).await.unwrap());
    assert_eq!(picture(&mut of_alice).await.pixels[65], 7);
    pixorama.set_pixel(&bob, 0, 0).await.unwrap();
    assert_eq!(pixel(&mut of_alice).await, (0, 0));
    assert_eq!(pixel(&mut of_bob).await, (0, 0));
}

#[tokio::test]
async fn what_is_outside_is_refused() {
    let session = TestApp::new(crate::api).anonymous().session();
    let pixorama = PixoramaEndpoint::default();
    for (color, index, message) in [
        (0, -1, "there is no pixel -1; the last one is 4095"),
        (0, 4096, "there is no pixel 4096; the last one is 4095"),
        (-1, 0, "there is no colour -1; the last one is 15"),
        (16, 0, "there is no colour 16; the last one is 15"),
        (256, 0, "there is no colour 256; the last one is 15"),
    ] {
        let error = pixorama.set_pixel(&session, color, index).await.unwrap_err();
        assert_eq!(error.exception_ref::<OutOfRange>().unwrap().message, message);
    }
    pixorama.set_pixel(&session, 15, 4095).await.unwrap();
    let pixels = picture(&mut Box::pin(pixorama.image_updates(&session).await.unwrap())).await.pixels;
    assert_eq!(pixels[..4095], [BLANK; 4095]);
    assert_eq!(pixels[4095], 15);
}

#[tokio::test]
async fn people_are_counted() {
    let app = TestApp::new(crate::api);
    let (alice, bob) = (app.anonymous().session(), app.anonymous().session());
    let pixorama = PixoramaEndpoint::default();
    let mut of_alice = Box::pin(pixorama.presence(&alice));
    assert_eq!(next(&mut of_alice).await, 1);
    let mut of_bob = Box::pin(pixorama.presence(&bob));
    assert_eq!(next(&mut of_bob).await, 2);
    assert_eq!(next(&mut of_alice).await, 2);
    bob.close();
    assert_eq!(next(&mut of_alice).await, 1);
    assert!(soon(of_bob.next()).await.is_none());
}

fn client(app: &TestApp) -> Client {
    app.anonymous().client(ClientOptions::default().models(models::all))
}

#[tokio::test]
async fn clients_draw_together() {
    let app = TestApp::new(crate::api);
    let (alice, bob) = (client(&app), client(&app));
    let mut of_alice = alice.open::<Value>("pixorama", "imageUpdates", &[]).stream();
    let mut of_bob = bob.open::<Value>("pixorama", "imageUpdates", &[]).stream();
    let (_, _) = (picture(&mut of_alice).await, picture(&mut of_bob).await);

    let set = |color: i64, index: i64| {
        alice.call::<()>("pixorama", "setPixel", &[("colorIndex", &color), ("pixelIndex", &index)])
    };
    soon(set(3, 100)).await.unwrap();
    let error = soon(set(16, 100)).await.unwrap_err();
    assert!(error.exception::<OutOfRange>().unwrap().message.contains("no colour 16"));
    soon(set(4, 101)).await.unwrap();
    for stream in [&mut of_alice, &mut of_bob] {
        assert_eq!(pixel(stream).await, (100, 3));
        assert_eq!(pixel(stream).await, (101, 4));
    }
}

#[tokio::test]
async fn nothing_is_left_of_who_leaves() {
    let app = TestApp::new(crate::api);
    let (alice, bob) = (client(&app), client(&app));
    let mut of_alice = alice.open::<i64>("pixorama", "presence", &[]).stream();
    assert_eq!(next(&mut of_alice).await, 1);
    let of_bob = bob.open::<i64>("pixorama", "presence", &[]).stream();
    assert_eq!(next(&mut of_alice).await, 2);
    drop(of_bob);
    assert_eq!(next(&mut of_alice).await, 1);
    drop(of_alice);
    flush().await;
    let stats = app.handle().stats();
    assert_eq!((stats.connections, stats.calls, stats.sessions, stats.subscriptions), (0, 0, 0, 0));
}
