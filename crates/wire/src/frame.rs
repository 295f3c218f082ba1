//! Frames as they are read.

use std::borrow::Cow;

use crate::call_id::CallId;
use crate::decode_error::DecodeError;
use crate::model::Wrapped;
use crate::reader::Reader;

/// One frame, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// `ping`: asks for a [`Frame::Pong`].
    Ping,
    /// `pong`
    Pong,
    /// `omsc`: a client opens a call.
    Open(Open<'a>),
    /// `omsr`: the server's answer to it.
    Opened {
        /// The call.
        call: CallId,
        /// Whether the call is open now.
        result: OpenResult,
    },
    /// `msm`: an element of a stream.
    Element {
        /// The stream.
        stream: StreamRef<'a>,
        /// The element.
        value: Wrapped<'a>,
    },
    /// `msse`: an exception thrown into a stream.
    Exception {
        /// The stream.
        stream: StreamRef<'a>,
        /// The exception.
        value: Wrapped<'a>,
    },
    /// `cmsc`: the end of a stream.
    Close {
        /// The stream.
        stream: StreamRef<'a>,
        /// Whether it ended well.
        reason: CloseReason,
    },
    /// `brm`: the other side could not read what was sent.
    BadRequest {
        /// What it could not read.
        request: Cow<'a, str>,
    },
}

/// What a client sends to open a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open<'a> {
    /// The endpoint's name.
    pub endpoint: Cow<'a, str>,
    /// The method's name.
    pub method: Cow<'a, str>,
    /// The call's name on this connection.
    pub call: CallId,
    /// The arguments that are no streams: the JSON of an object.
    pub arguments: Cow<'a, str>,
    /// The stream parameters that the client will feed: the JSON of a list of names.
    inputs: &'a str,
    /// The value that an `Authorization` header would have.
    pub authorization: Option<Cow<'a, str>>,
}

impl Open<'_> {
    /// Whether the client will feed the stream parameter `name`.
    pub fn feeds(&self, name: &str) -> bool {
        let mut reader = Reader::new(self.inputs);
        let mut first = true;
        let _ = reader.enter_array();
        while reader.next_element(first) == Ok(true) {
            first = false;
            match reader.string() {
                Ok(Some(input)) if input == name => return true,
                Ok(Some(_)) => {}
                _ => return false,
            }
        }
        false
    }
}

/// The stream that a frame speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRef<'a> {
    /// The endpoint's name.
    pub endpoint: Cow<'a, str>,
    /// The method's name.
    pub method: Cow<'a, str>,
    /// The call.
    pub call: CallId,
    /// The stream parameter; none for what the method returns.
    pub parameter: Option<Cow<'a, str>>,
}

/// The answer to the opening of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenResult {
    /// The call is open.
    Success,
    /// There is no such endpoint or method, or the method has no streams.
    EndpointNotFound,
    /// The caller must sign in.
    AuthenticationFailed,
    /// The caller lacks a scope.
    AuthorizationDeclined,
    /// An argument or a stream parameter is missing or wrong, or the id is taken.
    InvalidArguments,
}

impl OpenResult {
    const NAMES: [(&'static str, Self); 5] = [
        ("success", Self::Success),
        ("endpointNotFound", Self::EndpointNotFound),
        ("authenticationFailed", Self::AuthenticationFailed),
        ("authorizationDeclined", Self::AuthorizationDeclined),
        ("invalidArguments", Self::InvalidArguments),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, result)| *result == self).map_or("", |(name, _)| name)
    }
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It came to its end, or nobody wants it any more.
    Done,
    /// It failed.
    Error,
}

impl CloseReason {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Error => "error",
        }
    }
}

impl<'a> Frame<'a> {
    /// Reads a frame. Keys that are not known are ignored.
    ///
    /// # Errors
    ///
    /// Fails if the text is no frame: malformed JSON, an unknown type, or a key missing or of the wrong type.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let mut kind = None;
        let mut data = None;
        object(text, |key, reader| {
            match key {
                "type" => kind = Some(string(reader)?),
                // The data of a ping or pong, if any, says nothing.
                "data" if matches!(kind.as_deref(), Some("ping" | "pong")) => {
                    reader.skip()?;
                }
                "data" if reader.peek() == Some(b'{') => data = Some(Members::read(reader)?),
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        let kind = kind.ok_or_else(|| DecodeError::missing("type"))?;
        match &*kind {
            "ping" => return Ok(Self::Ping),
            "pong" => return Ok(Self::Pong),
            _ => {}
        }
        let data = || data.ok_or_else(|| DecodeError::missing("data"));
        Ok(match &*kind {
            "msm" => {
                let mut data = data()?;
                Self::Element { value: need("o", data.value.take())?, stream: data.stream()? }
            }
            "cmsc" => {
                let mut data = data()?;
                let reason = match &*need("cr", data.reason.take())? {
                    "done" => CloseReason::Done,
                    "error" => CloseReason::Error,
                    other => return Err(DecodeError::mismatched_text("cr: done or error", other)),
                };
                Self::Close { reason, stream: data.stream()? }
            }
            "omsc" => data()?.open()?,
            "msse" => {
                let mut data = data()?;
                Self::Exception { value: need("ex", data.exception.take())?, stream: data.stream()? }
            }
            "omsr" => {
                let data = data()?;
                let name = need("res", data.result)?;
                let result = OpenResult::NAMES.iter().find(|(known, _)| *known == name);
                let (_, result) = result.ok_or_else(|| DecodeError::mismatched_text("res", &name))?;
                Self::Opened { call: need("cid", data.call)?, result: *result }
            }
            "brm" => Self::BadRequest { request: need("req", data()?.request)? },
            other => return Err(DecodeError::mismatched_text("a frame type", other)),
        })
    }
}

/// The members of `data`, of any type of frame.
#[derive(Default)]
struct Members<'a> {
    endpoint: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    call: Option<CallId>,
    parameter: Option<Cow<'a, str>>,
    value: Option<Wrapped<'a>>,
    exception: Option<Wrapped<'a>>,
    reason: Option<Cow<'a, str>>,
    arguments: Option<Cow<'a, str>>,
    inputs: Option<&'a str>,
    authorization: Option<Cow<'a, str>>,
    result: Option<Cow<'a, str>>,
    request: Option<Cow<'a, str>>,
}

impl<'a> Members<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut members = Self::default();
        let m = &mut members;
        members_of(reader, |key, reader| {
            // A member that is null is one that is not there, for those who write all of them in every frame.
            if reader.null()? {
                return Ok(());
            }
            match key {
                "en" => m.endpoint = Some(string(reader)?),
                "m" => m.method = Some(string(reader)?),
                "cid" => {
                    let text = string(reader)?;
                    m.call = Some(
                        CallId::parse(&text)
                            .ok_or_else(|| DecodeError::mismatched_text("cid: a UUID", &text))?,
                    );
                }
                "p" => m.parameter = Some(string(reader)?),
                "o" => m.value = Some(wrapped(reader)?),
                "ex" => m.exception = Some(wrapped(reader)?),
                "cr" => m.reason = Some(string(reader)?),
                "args" => m.arguments = Some(string(reader)?),
                "is" => m.inputs = Some(names(reader)?),
                "auth" => m.authorization = Some(string(reader)?),
                "res" => m.result = Some(string(reader)?),
                "req" => m.request = Some(string(reader)?),
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(members)
    }

    fn stream(self) -> Result<StreamRef<'a>, DecodeError> {
        Ok(StreamRef {
            endpoint: need("en", self.endpoint)?,
            method: need("m", self.method)?,
            call: need("cid", self.call)?,
            parameter: self.parameter,
        })
    }

    fn open(self) -> Result<Frame<'a>, DecodeError> {
        Ok(Frame::Open(Open {
            endpoint: need("en", self.endpoint)?,
            method: need("m", self.method)?,
            call: need("cid", self.call)?,
            arguments: need("args", self.arguments)?,
            inputs: need("is", self.inputs)?,
            authorization: self.authorization,
        }))
    }
}

pub(crate) fn need<T>(name: &str, member: Option<T>) -> Result<T, DecodeError> {
    member.ok_or_else(|| DecodeError::missing(name))
}

pub(crate) fn object<'a>(
    text: &'a str,
    member: impl FnMut(&str, &mut Reader<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(text);
    members_of(&mut reader, member)?;
    reader.end()
}

pub(crate) fn members_of<'a>(
    reader: &mut Reader<'a>,
    mut member: impl FnMut(&str, &mut Reader<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    if !reader.enter_object()? {
        return Err(DecodeError::mismatch("an object", reader.found()));
    }
    let mut first = true;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        member(&key, reader)?;
    }
    Ok(())
}

pub(crate) fn string<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, DecodeError> {
    reader.string()?.ok_or_else(|| DecodeError::mismatch("a string", reader.found()))
}

/// Passes over a list of strings.
fn names<'a>(reader: &mut Reader<'a>) -> Result<&'a str, DecodeError> {
    let text = reader.skip()?;
    let mut reader = Reader::new(text);
    if !reader.enter_array()? {
        return Err(DecodeError::mismatch("is: a list of names", reader.found()));
    }
    let mut first = true;
    while reader.next_element(first)? {
        first = false;
        string(&mut reader)?;
    }
    Ok(text)
}

pub(crate) fn wrapped<'a>(reader: &mut Reader<'a>) -> Result<Wrapped<'a>, DecodeError> {
    let (mut class_name, mut data) = (None, None);
    members_of(reader, |key, reader| {
        match key {
            "className" => class_name = Some(string(reader)?),
            "data" => data = Some(reader.skip()?),
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    // Null travels without data too: a null member is one that may be left out.
    Ok(Wrapped::new(need("className", class_name)?, data.unwrap_or("null")))
}
