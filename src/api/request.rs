//! The request: path, query, headers and body as a carrier copied them, and who asks.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value;

use super::refusal::{Refusal, Refused};
use crate::store::LARGEST_LIST;
use crate::store::paging::{Cursor, Page};

/// The longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 1 << 20;

/// The rows of a page when nobody says how many.
const DEFAULT_LIMIT: u32 = 50;

/// Who is logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The name of the account.
    pub name: String,
    /// Those of the privileges of this module that it has.
    pub privileges: Vec<String>,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Below `/ws/rest/v1/sync2/`, decoded, without a leading slash.
    pub path: String,
    /// The query as it was sent, without `?`.
    pub query: String,
    /// The absolute url that was asked for, without the query.
    pub url: String,
    /// Who sends it; nothing when nobody is logged in.
    pub user: Option<User>,
    /// The names and values of headers.
    pub headers: Vec<(String, String)>,
    /// The body of a POST. A carrier reads no more than a byte beyond [`LONGEST_BODY`].
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, in whatever case its name was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn require(&self, privilege: &str) -> Refused<()> {
        let user = self.user.as_ref().ok_or_else(Refusal::not_authenticated)?;
        if user.privileges.iter().any(|known| known == privilege) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("this needs the privilege {privilege:?}")))
    }

    /// No form of another site can send this.
    pub(super) fn require_own_json(&self) -> Refused<()> {
        let content_type = self.header("Content-Type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::unsupported_media_type("the body must be application/json"));
        }
        if self.header("X-Sync2") != Some("1") {
            return Err(Refusal::forbidden("the header X-Sync2: 1 is missing"));
        }
        if self.body.len() > LONGEST_BODY {
            return Err(Refusal::too_large(format!("the body is longer than {LONGEST_BODY} bytes")));
        }
        Ok(())
    }

    /// Returns true if the sender has what that tag stands for. Tags are compared weakly (RFC 9110, 13.1.2).
    pub(super) fn has(&self, etag: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
        let tags = self.header("If-None-Match").unwrap_or_default().split(',');
        tags.map(opaque).any(|tag| tag == "*" || tag == opaque(etag))
    }

    /// Returns true if an answer may be compressed. A weight of zero means that it may not.
    pub(super) fn accepts_gzip(&self) -> bool {
        let codings = self.header("Accept-Encoding").unwrap_or_default().split(',');
        codings.into_iter().any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim().trim_start_matches('=').trim();
            name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f64>().ok() != Some(0.0)
        })
    }

    /// The query's parameters that have a value.
    ///
    /// Errors: one that is not among those that this address knows, or that is there twice.
    pub fn parameters(&self, known: &[&str]) -> Refused<Parameters> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let message = format!("{} does not know the parameter {name}", self.path);
                return Err(Refusal::bad_request(message));
            }
            if parameters.iter().any(|(there, _)| *there == name) {
                return Err(Refusal::bad_request(format!("the parameter {name} is there twice")));
            }
            if !value.is_empty() {
                parameters.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Parameters(parameters))
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Refused<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        crate::json::read(&self.body).map_err(|_| Refusal::bad_request("the body is not JSON"))
    }

    /// The body as text.
    pub fn text(&self) -> Refused<&str> {
        std::str::from_utf8(&self.body).map_err(|_| Refusal::bad_request("the body is not UTF-8"))
    }

    /// The body has nothing to say: `{}`, or none.
    pub fn require_nothing(&self) -> Refused<()> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        self.object("{}").map(|Nothing {}| ())
    }

    /// The body as an object of that form, which has no other keys.
    pub fn object<T: serde::de::DeserializeOwned>(&self, form: &str) -> Refused<T> {
        let body = if self.body.is_empty() { b"{}".as_slice() } else { &self.body };
        let object = crate::json::read::<Value>(body).ok().filter(Value::is_object);
        let read = object.and_then(|object| serde_json::from_value(object).ok());
        read.ok_or_else(|| Refusal::bad_request(format!("the body is {form}")))
    }
}

/// The parameters of a query.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of that name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The number of that name.
    pub fn number(&self, name: &str) -> Refused<Option<i64>> {
        let parse = |value: &str| value.parse().map_err(|_| Refusal::bad_request(format!("{name} is a whole number")));
        self.text(name).map(parse).transpose()
    }

    /// The number of that name, if it is one of these.
    pub fn number_within(&self, name: &str, allowed: RangeInclusive<i64>) -> Refused<Option<i64>> {
        match self.number(name)? {
            Some(number) if !allowed.contains(&number) => {
                let (first, last) = allowed.into_inner();
                Err(configuration(format!("{name} is {first} to {last}; got {number}")))
            }
            number => Ok(number),
        }
    }

    /// The value of that name among those that there are.
    pub fn one_of<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Refused<Option<T>> {
        known(name, self.text(name), parse)
    }

    /// `limit`: how many rows.
    pub fn limit(&self) -> Refused<u32> {
        let Some(rows) = self.number("limit")? else { return Ok(DEFAULT_LIMIT) };
        let limit = u32::try_from(rows).ok().filter(|rows| (1..=LARGEST_LIST).contains(rows));
        limit.ok_or_else(|| configuration(format!("limit is 1 to {LARGEST_LIST}; got {rows}")))
    }

    /// `offset`: how many rows to leave out.
    pub fn offset(&self) -> Refused<u32> {
        let rows = self.number("offset")?.unwrap_or(0);
        u32::try_from(rows).map_err(|_| configuration(format!("offset is 0 to {}; got {rows}", u32::MAX)))
    }

    /// `after`, else `offset`: which page.
    pub fn page(&self) -> Refused<Page> {
        match self.text("after") {
            Some(cursor) => Ok(Page::After(Cursor::parse(cursor)?)),
            None => Ok(Page::From(self.offset()?)),
        }
    }
}

/// The value of that name among those that there are; nothing where none is given.
pub(super) fn known<T>(name: &str, value: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Refused<Option<T>> {
    let unknown = |value: &str| configuration(format!("{name}: there is no {value:?}"));
    value.map(|value| parse(value).ok_or_else(|| unknown(value))).transpose()
}

fn configuration(message: String) -> Refusal {
    crate::error::Error::new(crate::error::ErrorKind::Configuration, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_query(query: &str) -> Request {
        Request { query: query.to_string(), ..Request::default() }
    }

    #[test]
    fn query_is_decoded_and_unknown_or_repeated_names_are_refused() {
        let parameters = with_query("a=1%202&b=&c=%C3%A4").parameters(&["a", "b", "c"]).ok().unwrap();
        assert_eq!((parameters.text("a"), parameters.text("b"), parameters.text("c")), (Some("1 2"), None, Some("ä")));
        for wrong in ["d=1", "a=1&a=2", "a=1&%61=2"] {
            assert_eq!(with_query(wrong).parameters(&["a"]).err().unwrap().kind, "BadRequest", "{wrong}");
        }
    }

    #[test]
    fn gzip_is_accepted_unless_its_weight_is_zero() {
        let accepts = |value: &str| {
            let headers = vec![("accept-encoding".to_string(), value.to_string())];
            Request { headers, ..Request::default() }.accepts_gzip()
        };
        assert_eq!(["gzip", "br, GZIP;q=0.5", "br,gzip ; q = 1"].map(accepts), [true; 3]);
        assert_eq!(["", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip"].map(accepts), [false; 5]);
    }
}
