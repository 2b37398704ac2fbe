//! The feed that this node publishes.

use super::{Answer, Call, Refused};
use crate::feed::own::FeedRequest;
use crate::introduction::{HEADER, Introduction};

const ATOM: &str = "application/atom+xml;charset=UTF-8";

/// For what never changes again; only for who asked, since it takes a privilege.
const KEEP_A_YEAR: &str = "private, max-age=31536000, immutable";

/// To be asked for each time, with the tag of what is kept.
const ASK_AGAIN: &str = "no-cache";

/// The feed, the page and what is to be left out of it are read from the url: the links of the page are made of it, too. Which
/// events it tells depends on who asks.
pub(super) fn page(call: &Call<'_>) -> Refused<Answer> {
    let url = match call.request.query.as_str() {
        "" => call.request.url.clone(),
        query => format!("{}?{query}", call.request.url),
    };
    let request = FeedRequest::of(&url, call.request.header("If-None-Match"))?;
    let request = match &call.request.user {
        Some(user) => request.read_by(&user.name),
        None => request,
    };
    let said = call.request.header(HEADER).and_then(Introduction::from_header);
    let page = call.ask(|engine, host| {
        let page = engine.feed_page(host, &request)?;
        if let (Some(user), Some(said)) = (&call.request.user, &said) {
            engine.hear_child(host, &user.name, said);
        }
        Ok(page)
    })?;
    let keep = if page.archived { KEEP_A_YEAR } else { ASK_AGAIN };
    let mut headers = vec![("ETag", page.etag), ("Cache-Control", keep.to_string())];
    let Some(document) = page.document else {
        return Ok(Answer { status: 304, headers, body: Vec::new() });
    };
    headers.push(("Content-Type", ATOM.to_string()));
    Ok(Answer { status: 200, headers, body: document.into_bytes() })
}
