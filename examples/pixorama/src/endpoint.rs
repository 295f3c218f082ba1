//! The picture and its endpoint.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use streampod::prelude::*;
use streampod::{OnLag, SubscribeOptions};
use tokio::sync::Mutex;

use crate::models::{ImageData, ImageUpdate, OutOfRange};

const WIDTH: usize = 64;
const HEIGHT: usize = 64;
const COLORS: i64 = 16;
/// The colour of a pixel that nobody has drawn on.
const BLANK: u8 = 2;

const PIXEL_ADDED: &str = "pixel-added";
const PRESENCE: &str = "presence";

/// The picture that everybody draws on.
pub(crate) struct PixoramaEndpoint {
    pixels: Mutex<[u8; WIDTH * HEIGHT]>,
    people: Arc<AtomicI64>,
}

impl Default for PixoramaEndpoint {
    fn default() -> Self {
        Self { pixels: Mutex::new([BLANK; WIDTH * HEIGHT]), people: Arc::default() }
    }
}

/// A picture that everybody draws together.
#[endpoint]
impl PixoramaEndpoint {
    /// Draws one pixel.
    async fn set_pixel(&self, session: &Session, color_index: i64, pixel_index: i64) -> Result<()> {
        let index = usize::try_from(pixel_index).ok().filter(|index| *index < WIDTH * HEIGHT);
        let index = index.ok_or_else(|| OutOfRange {
            message: format!("there is no pixel {pixel_index}; the last one is {}", WIDTH * HEIGHT - 1),
        })?;
        let color = u8::try_from(color_index).ok().filter(|color| i64::from(*color) < COLORS);
        let color = color.ok_or_else(|| OutOfRange {
            message: format!("there is no colour {color_index}; the last one is {}", COLORS - 1),
        })?;
        // Posted before another pixel is drawn, so that everybody sees pixels change in one order.
        let mut pixels = self.pixels.lock().await;
        pixels[index] = color;
        session.messages().post(PIXEL_ADDED, ImageUpdate { pixel_index, color_index }).await
    }

    /// The picture as it is, then every pixel that changes.
    async fn image_updates(&self, session: &Session) -> Result<impl Stream<Item = Result<Value>>> {
        // Listening begins before the picture is taken, so that no change falls between the two.
        let updates = session.messages().stream::<ImageUpdate>(PIXEL_ADDED);
        let pixels = Bytes::copy_from_slice(&*self.pixels.lock().await);
        let image = ImageData { pixels, width: WIDTH as i64, height: HEIGHT as i64 };
        Ok(stream! {
            yield Ok(image.into());
            for await update in updates {
                yield update.map(Value::from);
            }
        })
    }

    /// How many people look at the picture: at once, and whenever it changes.
    fn presence(&self, session: &Session) -> impl Stream<Item = Result<i64>> {
        // Only the newest number matters.
        let options = SubscribeOptions { bound: 1, on_lag: OnLag::KeepNewest };
        let changes = session.messages().stream_with::<i64>(PRESENCE, options);
        let people = Arc::clone(&self.people);
        session.add_will_close_listener(move |session| async move {
            let left = people.fetch_sub(1, Ordering::Relaxed) - 1;
            announce(&session, left).await;
        });
        let came = self.people.fetch_add(1, Ordering::Relaxed) + 1;
        stream! {
            announce(session, came).await;
            for await people in changes {
                // The number as it is now: the one that was posted may be older.
                yield people.map(|_| self.people.load(Ordering::Relaxed));
            }
        }
    }
}

async fn announce(session: &Session, people: i64) {
    // A number that does not arrive is followed by a newer one.
    let _ = session.messages().post(PRESENCE, people).await;
}
