//! What a client sends and what it is answered, as bytes.

/// The length of a text, and of a sample as JSON.
const BYTES: usize = 200;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A text.
pub(crate) fn text() -> String {
    "The quick brown fox jumps over the lazy dog; ".chars().cycle().take(BYTES).collect()
}

/// A `Sample` as JSON.
pub(crate) fn sample() -> String {
    let json = |name: &str| {
        format!(
            r#"{{"id":1234567,"at":"2026-01-15T10:30:00.123Z","x":48.208174,"y":-16.5,"name":"{name}","tags":["alpha","beta","gamma"]}}"#
        )
    };
    json(&"n".repeat(BYTES - json("").len()))
}

/// A value of one of the two methods that send their input back, with its class name.
pub(crate) fn wrapped(method: &str) -> String {
    match method {
        "sample" => format!(r#"{{"className":"Sample","data":{}}}"#, sample()),
        _ => format!(r#"{{"className":"String","data":"{}"}}"#, text()),
    }
}

/// A call of a method of the endpoint `counted`, whose frames these are.
pub(crate) struct Call {
    method: &'static str,
    id: String,
}

impl Call {
    /// The call of this number on its connection.
    pub(crate) fn new(method: &'static str, number: usize) -> Self {
        Self { method, id: format!("5f0c2e00-0000-4000-8000-{number:012}") }
    }

    /// Opens the call of a method that takes this stream parameter, if one, and these arguments.
    pub(crate) fn open(&self, input: Option<&str>, arguments: &str) -> String {
        let inputs = input.map(|input| format!("\"{input}\"")).unwrap_or_default();
        let arguments = arguments.replace('"', "\\\"");
        format!(r#"{{"type":"omsc","data":{{{},"args":"{arguments}","is":[{inputs}]}}}}"#, self.head())
    }

    /// The answer to that.
    pub(crate) fn opened(&self) -> String {
        let Self { method, id } = self;
        format!(r#"{{"type":"omsr","data":{{"cid":"{id}","res":"success","en":"counted","m":"{method}"}}}}"#)
    }

    /// An element of a stream parameter.
    pub(crate) fn element(&self, input: &str, wrapped: &str) -> String {
        format!(r#"{{"type":"msm","data":{{{},"p":"{input}","o":{wrapped}}}}}"#, self.head())
    }

    /// An element of what the method returns.
    pub(crate) fn answer(&self, wrapped: &str) -> String {
        format!(r#"{{"type":"msm","data":{{{},"o":{wrapped}}}}}"#, self.head())
    }

    /// The end of the call.
    pub(crate) fn done(&self) -> String {
        format!(r#"{{"type":"cmsc","data":{{{},"cr":"done"}}}}"#, self.head())
    }

    fn head(&self) -> String {
        format!(r#""en":"counted","m":"{}","cid":"{}""#, self.method, self.id)
    }
}

/// A text as the WebSocket frame of a client.
pub(crate) fn masked(text: &str) -> Vec<u8> {
    let mut frame = head(0x80, text.len());
    frame.extend(MASK);
    frame.extend(text.bytes().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A text as the WebSocket frame of a server.
pub(crate) fn plain(text: &str) -> Vec<u8> {
    let mut frame = head(0, text.len());
    frame.extend(text.bytes());
    frame
}

/// The head of a text frame of less than 64 KiB.
fn head(masked: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length @ ..126) => vec![0x81, masked | length],
        _ => vec![0x81, masked | 126, (length >> 8) as u8, length as u8],
    }
}
