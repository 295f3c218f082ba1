//! Keys and users of a recording, for which this server has others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What the recorded client says and this server does not know, and what it knows instead.
#[derive(Default)]
pub(super) struct Logins(Vec<(String, String)>);

impl Logins {
    /// What the client says, as this server understands it.
    pub(super) fn translate(&self, said: &str) -> String {
        self.0.iter().fold(said.to_owned(), |said, (recorded, ours)| said.replace(recorded, ours))
    }

    /// Learns who signed in from the answers of both servers; ours, with what is in the recorded one where these cannot
    /// agree.
    pub(super) fn learn(&mut self, ours: &str, recorded: &str) -> String {
        const ANSWER: &str = r#"{"success":true,"key":"#;
        if !(ours.starts_with(ANSWER) && recorded.starts_with(ANSWER)) {
            return ours.to_owned();
        }
        let [our, their] = [ours, recorded].map(|text| serde_json::from_str::<Value>(text).unwrap());
        let header = |answer: &Value| {
            STANDARD.encode(format!("{}:{}", answer["keyId"], answer["key"].as_str().unwrap()))
        };
        let query = |answer: &Value| format!("{}%3A{}", answer["keyId"], answer["key"].as_str().unwrap());
        let user = |answer: &Value| format!(r#""userId":{},"#, answer["userInfo"]["id"]);
        self.0.push((header(&their), header(&our)));
        self.0.push((query(&their), query(&our)));
        self.0.push((user(&their), user(&our)));
        let members = |answer: &Value| {
            let id = &answer["userInfo"]["id"];
            [("key", &answer["key"]), ("keyId", &answer["keyId"]), ("id", id)]
                .map(|(name, value)| format!(r#""{name}":{value}"#))
        };
        let pairs = members(&our).into_iter().zip(members(&their));
        pairs.fold(ours.to_owned(), |text, (our, their)| text.replace(&our, &their))
    }
}
