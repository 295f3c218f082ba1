//! What feeds the stream parameters of a case.

use futures_util::stream::{self, Stream, StreamExt};
use streampod_client::{Input, InputError};
use streampod_wire::Model;
use tokio::sync::mpsc;

use super::answer::read;
use super::table::Item;

/// The items of an input, which become values when it is known of which type.
pub(super) struct Items {
    items: Vec<Item>,
    /// Held for as long as the input.
    held: mpsc::Sender<()>,
}

impl Items {
    pub(super) fn new(items: Vec<Item>, held: mpsc::Sender<()>) -> Self {
        Self { items, held }
    }
}

impl<T: Model> Input<T> for Items {
    fn into_results(self) -> impl Stream<Item = Result<T, InputError>> + Send + 'static {
        let Self { mut items, held } = self;
        let stays_open = items.pop_if(|item| matches!(item, Item::Open { open: true })).is_some();
        let rest = if stays_open { stream::pending().boxed() } else { stream::empty().boxed() };
        stream::iter(items).map(element::<T>).chain(rest).inspect(move |_| {
            let _ = &held;
        })
    }
}

fn element<T: Model>(item: Item) -> Result<T, InputError> {
    match item {
        Item::Element(text) => Ok(read(&text.get())),
        Item::Throw { throw } => {
            let exception: conformance_client::models::ExceptionWithData = read(&throw.get());
            Err(exception.into())
        }
        Item::Fail { fail } => Err(InputError::other(fail)),
        Item::Open { open } => panic!("`open: {open}` stands at the end, and is true"),
    }
}
