//! Agreeing on permessage-deflate: RFC 7692, section 7.1.

use std::borrow::Cow;

use crate::deflater::WindowBits;
use crate::extensions::{self, Extension, MalformedExtensions};

/// What a client offers in its header `Sec-WebSocket-Extensions`. It compresses each message by itself; the server may keep
/// its context.
pub const OFFER: &str = "permessage-deflate; client_no_context_takeover";

const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// How messages may be compressed on a connection. Nobody is bound to compress any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// The largest window for what this side compresses, each message by itself.
    pub window: WindowBits,
    /// Whether a message of the other side may refer to those before it, so that this connection needs an inflater of its
    /// own; never on a server's side.
    pub peer_keeps_context: bool,
    window_was_asked_for: bool,
}

/// An answer that does not fit to the [`OFFER`]. The connection is to be given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unacceptable {
    /// It does not follow the grammar.
    #[error(transparent)]
    Malformed(#[from] MalformedExtensions),
    /// It has an extension that was not offered, or the one that was offered twice.
    #[error("the server uses the extension `{0}`; offered was {NAME}, once")]
    Extension(String),
    /// It has a parameter that was not offered or is not known, or one with a value that it cannot have.
    #[error("the server answers {NAME} with the parameter `{0}`, which does not fit to the offer")]
    Parameter(String),
}

/// Chooses among what a client offers: the first offer of permessage-deflate that can be met, or none. `fields` are the
/// values of all headers `Sec-WebSocket-Extensions`.
///
/// Both sides compress each message by itself, so that no connection needs a compressor of its own.
///
/// # Errors
///
/// Fails if a header does not follow its grammar. An offer that cannot be met is no error.
pub fn negotiate<'a>(
    fields: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Agreement>, MalformedExtensions> {
    let mut chosen = None;
    for field in fields {
        for offer in extensions::read(field)? {
            if chosen.is_none() && offer.name.eq_ignore_ascii_case(NAME) {
                chosen = Parameters::read(&offer).ok().and_then(|parameters| parameters.agree());
            }
        }
    }
    Ok(chosen)
}

/// Reads the server's answer to the [`OFFER`]: `None` if there is to be no compression. `fields` are the values of all
/// headers `Sec-WebSocket-Extensions` of the answer.
///
/// # Errors
///
/// Fails if the server uses what was not offered.
pub fn accept<'a>(fields: impl IntoIterator<Item = &'a str>) -> Result<Option<Agreement>, Unacceptable> {
    let mut agreement = None;
    for field in fields {
        for answer in extensions::read(field)? {
            if !answer.name.eq_ignore_ascii_case(NAME) || agreement.is_some() {
                return Err(Unacceptable::Extension(answer.name.to_owned()));
            }
            let parameters =
                Parameters::read(&answer).map_err(|name| Unacceptable::Parameter(name.to_owned()))?;
            // How far the server reaches back is no matter: everything is inflated with the largest window.
            let without_value = parameters.server_window == Some(None);
            if parameters.client_window.is_some() || without_value {
                let name = if without_value { SERVER_MAX_WINDOW_BITS } else { CLIENT_MAX_WINDOW_BITS };
                return Err(Unacceptable::Parameter(name.to_owned()));
            }
            agreement = Some(Agreement {
                window: WindowBits::MAX,
                peer_keeps_context: !parameters.server_no_context_takeover,
                window_was_asked_for: false,
            });
        }
    }
    Ok(agreement)
}

impl Agreement {
    /// The server's header `Sec-WebSocket-Extensions` that says so.
    pub fn answer(&self) -> String {
        let mut answer = format!("{NAME}; {SERVER_NO_CONTEXT_TAKEOVER}; {CLIENT_NO_CONTEXT_TAKEOVER}");
        if self.window_was_asked_for {
            answer.push_str(&format!("; {SERVER_MAX_WINDOW_BITS}={}", self.window.bits()));
        }
        answer
    }
}

/// The parameters of one offer or answer.
#[derive(Debug, Default)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    /// Its value, 8 to 15.
    server_window: Option<Option<u8>>,
    /// The same; in an offer it may have no value.
    client_window: Option<Option<u8>>,
}

impl Parameters {
    /// Fails with the name of a parameter that is not known, stands twice, or has a value that it cannot have.
    fn read<'a>(extension: &Extension<'a>) -> Result<Self, &'a str> {
        let mut parameters = Self::default();
        for (name, value) in &extension.parameters {
            let bits = || match value.as_deref() {
                None => Ok(None),
                // One digit or two, without a zero before them.
                Some(digits @ ("8" | "9" | "10" | "11" | "12" | "13" | "14" | "15")) => {
                    Ok(digits.parse().ok())
                }
                Some(_) => Err(*name),
            };
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let stood_before = if is(SERVER_NO_CONTEXT_TAKEOVER) {
                flag(&mut parameters.server_no_context_takeover, value)
            } else if is(CLIENT_NO_CONTEXT_TAKEOVER) {
                flag(&mut parameters.client_no_context_takeover, value)
            } else if is(SERVER_MAX_WINDOW_BITS) {
                parameters.server_window.replace(bits()?).is_some()
            } else if is(CLIENT_MAX_WINDOW_BITS) {
                parameters.client_window.replace(bits()?).is_some()
            } else {
                true
            };
            if stood_before {
                return Err(name);
            }
        }
        Ok(parameters)
    }

    /// What a server makes of an offer, if it can.
    fn agree(&self) -> Option<Agreement> {
        let window = match self.server_window {
            None => WindowBits::MAX,
            // The client has to say how large; and of 8 bits no compressor is capable.
            Some(bits) => WindowBits::new(bits?)?,
        };
        Some(Agreement {
            window,
            peer_keeps_context: false,
            window_was_asked_for: self.server_window.is_some(),
        })
    }
}

/// Sets a flag, and says whether it was set before or has a value, which it must not.
fn flag(flag: &mut bool, value: &Option<Cow<'_, str>>) -> bool {
    std::mem::replace(flag, true) || value.is_some()
}
