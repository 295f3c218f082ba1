//! Where a server is.

use streampod_wire::Uri;

use crate::error::SetupError;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    pub(crate) scheme: String,
    /// The host, an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as in the URL.
    pub(crate) authority: String,
    /// From the first slash to a last one.
    pub(crate) path: String,
}

impl ServerUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, SetupError> {
        let invalid = || SetupError::InvalidUrl { url: url.to_owned() };
        let uri = Uri::parse(url.to_owned()).map_err(|_| invalid())?;
        let scheme = uri.scheme().ok_or_else(invalid)?.as_str().to_ascii_lowercase();
        let authority = uri.authority().ok_or_else(invalid)?;
        if authority.has_userinfo() || uri.has_query() || uri.has_fragment() || authority.host().is_empty() {
            return Err(invalid());
        }
        let default = if scheme == "https" { 443 } else { 80 };
        let port = authority.port_to_u16().map_err(|_| invalid())?.unwrap_or(default);
        let path = format!("{}/", uri.path().as_str().trim_end_matches('/'));
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        Ok(Self { scheme, host, port, authority: authority.as_str().to_owned(), path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<(&str, u16, &str, &str)>) {
        let url = ServerUrl::parse(url).ok();
        let url = url.as_ref().map(|url| (&*url.host, url.port, &*url.authority, &*url.path));
        assert_eq!(url, expected);
    }

    #[test]
    fn urls_are_read() {
        check("http://localhost:8080/", Some(("localhost", 8080, "localhost:8080", "/")));
        check("http://example.com", Some(("example.com", 80, "example.com", "/")));
        check("https://example.com/api", Some(("example.com", 443, "example.com", "/api/")));
        check("HTTP://[::1]:90/a/b//", Some(("::1", 90, "[::1]:90", "/a/b/")));
        for invalid in
            ["", "localhost:8080", "http://", "/x", "http://a:99999/", "http://me@a/", "http://a/?b"]
        {
            check(invalid, None);
        }
    }
}
