//! Streampod's frames, as text.

/// A method of the server's one endpoint in a call, to which all frames here belong.
pub(crate) struct Call<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// The number from which the call's id is made, as twelve digits.
    pub(crate) number: String,
    /// The name of its stream parameter, if it has one.
    pub(crate) input: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// How many digits a number has.
    pub(crate) const NUMBER_DIGITS: usize = 12;

    /// The call of a connection.
    pub(crate) fn new(method: &'a str, number: usize, input: Option<&'a str>) -> Self {
        Self { method, number: format!("{number:012}"), input }
    }

    fn id(&self) -> String {
        format!("5f0c2e00-0000-4000-8000-{}", self.number)
    }

    fn head(&self) -> String {
        format!(r#""en":"bench","m":"{}","cid":"{}""#, self.method, self.id())
    }

    /// Opens the call.
    pub(crate) fn open(&self, arguments: &str) -> String {
        let inputs = self.input.map(|input| format!("\"{input}\"")).unwrap_or_default();
        let arguments = arguments.replace('"', "\\\"");
        format!(r#"{{"type":"omsc","data":{{{},"args":"{arguments}","is":[{inputs}]}}}}"#, self.head())
    }

    /// The answer to that.
    pub(crate) fn opened(&self) -> String {
        let (id, method) = (self.id(), self.method);
        format!(r#"{{"type":"omsr","data":{{"cid":"{id}","res":"success","en":"bench","m":"{method}"}}}}"#)
    }

    /// An element of the stream parameter, with a wrapped value.
    pub(crate) fn request(&self, wrapped: &str) -> String {
        let parameter = self.input.map(|input| format!(r#","p":"{input}""#)).unwrap_or_default();
        format!(r#"{{"type":"msm","data":{{{}{parameter},"o":{wrapped}}}}}"#, self.head())
    }

    /// An element of what the method returns.
    pub(crate) fn answer(&self, wrapped: &str) -> String {
        format!(r#"{{"type":"msm","data":{{{},"o":{wrapped}}}}}"#, self.head())
    }

    /// The end of the call.
    pub(crate) fn done(&self) -> String {
        format!(r#"{{"type":"cmsc","data":{{{},"cr":"done"}}}}"#, self.head())
    }
}
