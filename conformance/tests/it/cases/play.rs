//! Plays cases.

use std::sync::Arc;
use std::time::Duration;

use conformance_client::Client;
use conformance_client::models::ExceptionWithData;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::Value as Json;
use streampod_client::{CallError, CallStream, ClientOptions};
use streampod_wire::{Decode, Model};
use tokio::sync::{Semaphore, mpsc};

use super::answer::{Argument, Outcome, kind, read, write};
use super::calls;
use super::input::Items;
use super::login;
use super::proxy::Proxy;
use super::table::{self, Case, Network, Text};
use crate::kit::{TestServer, config, within};

/// Plays the cases of a file, one after the other.
pub(super) async fn file(name: &str) {
    let mut config = config();
    config.max_request_size_bytes = 4 * 1024 * 1024;
    let server = TestServer::of(conformance::server(config)).await;
    let cases: Vec<Case> = table::read(name);
    assert!(!cases.is_empty());
    let mut failures = Vec::new();
    for case in cases {
        let name = case.name.clone();
        failures.extend(play(case, &server).await.into_iter().map(|failure| format!("{name}: {failure}")));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Who makes the call of a case.
pub(super) struct Caller {
    case: Case,
    /// What every input holds on to.
    inputs: mpsc::Sender<()>,
    /// Gets a permit from each caller that has what is to come before the network is disturbed.
    ready: Arc<Semaphore>,
}

/// What is not as the case says.
async fn play(case: Case, server: &TestServer) -> Vec<String> {
    let mut proxy = Proxy::start(server.port()).await;
    let network = case.network;
    if matches!(network, Network::Refuse | Network::Silent) {
        proxy.set(network).await;
    }
    let options = login::with_header(options(network), login::header(&case, server.port()).await);
    let client = Client::with_options(&format!("http://127.0.0.1:{}/", proxy.port), options).unwrap();
    let (inputs, mut released) = mpsc::channel(1);
    let ready = Arc::new(Semaphore::new(0));
    let caller = Caller { case: case.clone(), inputs, ready: Arc::clone(&ready) };

    let calls = join_all((0..case.times).map(|_| async { calls::call(&client, &caller).await }));
    let disturb = async {
        let count = u32::try_from(case.times).unwrap();
        let _all = ready.acquire_many(count).await.unwrap();
        proxy.set(network).await;
    };
    let disturbs = matches!(network, Network::Cut | Network::Freeze);
    let (outcomes, ()) =
        within(&case.name, async { if disturbs { tokio::join!(calls, disturb) } else { (calls.await, ()) } })
            .await;
    drop(caller);

    let mut failures: Vec<_> =
        outcomes.into_iter().filter_map(|outcome| check(&case, outcome).err()).collect();
    failures.truncate(3);
    within("the inputs are let go of", released.recv()).await;
    if !matches!(network, Network::Refuse | Network::Silent) {
        let sockets = proxy.until_closed().await;
        let expected = usize::from(case.elements.is_some() || !case.inputs.is_empty());
        if sockets != expected {
            failures.push(format!("{sockets} WebSockets instead of {expected}"));
        }
    }
    failures
}

fn options(network: Network) -> ClientOptions {
    let mut options = ClientOptions::default();
    let short = Duration::from_millis(300);
    match network {
        Network::Silent => (options.connect_timeout, options.call_timeout) = (short, short),
        // Long enough for what comes before that.
        Network::Freeze => (options.ping_interval, options.idle_timeout) = (short, Duration::from_secs(1)),
        _ => {}
    }
    options
}

impl Caller {
    pub(super) fn case(&self) -> &Case {
        &self.case
    }

    /// An argument; one that is left out is null.
    pub(super) fn argument<A: Argument>(&self, name: &str) -> A {
        A::of(&self.case.args.get(name).map_or_else(|| "null".to_owned(), Text::get))
    }

    /// A field of a method's options.
    pub(super) fn option<T: Decode>(&self, name: &str) -> Option<T> {
        self.case.args.get(name).and_then(|text| read(&text.get()))
    }

    /// What feeds a stream parameter.
    pub(super) fn input(&self, name: &str) -> Items {
        let items = self.case.inputs.get(name);
        let items = items.unwrap_or_else(|| panic!("{}: no input `{name}`", self.case.name));
        Items::new(items.clone(), self.inputs.clone())
    }

    /// Takes what a stream yields, as much of it as the case says.
    pub(super) async fn consume<T: Model>(&self, mut stream: CallStream<T>) -> Outcome {
        let expected = self.case.elements.as_ref().map_or(0, Vec::len);
        let disturbs = matches!(self.case.network, Network::Cut | Network::Freeze);
        let mut elements = Vec::new();
        let mut error = None;
        if disturbs || self.case.take == Some(0) {
            error = stream.opened().await.err();
        }
        loop {
            if disturbs && elements.len() == expected {
                self.ready.add_permits(1);
            }
            if self.case.take == Some(elements.len()) {
                break;
            }
            match stream.next().await {
                Some(Ok(element)) => elements.push(write(&element)),
                Some(Err(failed)) => {
                    error = Some(failed);
                    break;
                }
                None => break,
            }
        }
        if disturbs {
            // What was on its way.
            elements.truncate(expected);
        }
        Outcome { elements: Some(elements), error, result: None }
    }
}

fn check(case: &Case, outcome: Outcome) -> Result<(), String> {
    let differ = |what: &str, expected: &str, found: &str| {
        Err(format!("expected {what} {expected:.300}, found {found:.300}"))
    };
    let found = outcome.error.as_ref().map(kind);
    if found != case.error.as_deref() {
        return Err(format!("expected the error {:?}, found {:?}", case.error, outcome.error));
    }
    let (mut expected, mut found) = (texts(case.elements.as_deref()), outcome.elements);
    if case.any_order {
        [&mut expected, &mut found].into_iter().flatten().for_each(|texts| texts.sort());
    }
    if expected != found {
        return differ("the elements", &format!("{expected:?}"), &format!("{found:?}"));
    }
    let expected = case.result.as_ref().map(Text::get);
    if expected != outcome.result {
        return differ("the result", &format!("{expected:?}"), &format!("{:?}", outcome.result));
    }
    if let Some(fields) = &case.exception {
        let exception = outcome.error.as_ref().and_then(CallError::exception::<ExceptionWithData>);
        let exception = exception.ok_or("the exception has another type")?;
        let found: Json = serde_json::from_str(&write(exception)).unwrap();
        for (name, expected) in fields {
            if found[name] != *expected {
                return differ(name, &expected.to_string(), &found[name].to_string());
            }
        }
    }
    Ok(())
}

fn texts(texts: Option<&[Text]>) -> Option<Vec<String>> {
    texts.map(|texts| texts.iter().map(Text::get).collect())
}
