//! How the node is set up: its configuration, its parent, which node it is.

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Call, Refusal, Refused};
use crate::error::{Error, ErrorKind};
use crate::identity::NodeChoice;
use crate::json;

const JSON: &str = "application/json;charset=UTF-8";

pub(super) fn configuration(call: &Call<'_>) -> Refused<Answer> {
    Ok(Answer::of(200, JSON, call.node.configuration()?.into_bytes()))
}

/// The configuration that is sent. Within the limits of [`json`](crate::json) before anybody parses it: programs around the
/// engine run out of their stack at a document that is nested too deeply.
fn document<'a>(call: &'a Call<'_>) -> Refused<&'a str> {
    let text = call.request.text()?;
    match json::measure(text.as_bytes(), json::MOST_VALUES) {
        Ok(_) => Ok(text),
        Err(why) => Err(Error::new(ErrorKind::Configuration, format!("the document is refused: {why}")).into()),
    }
}

pub(super) fn save(call: &Call<'_>) -> Refused<Answer> {
    call.node.save_configuration(document(call)?)?;
    configuration(call)
}

pub(super) fn check(call: &Call<'_>) -> Refused<Answer> {
    Answer::ok(&json!({"warnings": call.node.check_configuration(document(call)?)?}))
}

/// Refused inside a callback of the host, as what asks the database is: its transaction would wait for the network.
pub(super) fn connection_test(call: &Call<'_>) -> Refused<Answer> {
    call.request.require_nothing()?;
    Answer::ok(&call.ask(|engine, _| engine.connection_test())?)
}

/// Refused inside a callback of the host, as the connection test.
pub(super) fn preflight(call: &Call<'_>) -> Refused<Answer> {
    call.request.require_nothing()?;
    Answer::ok(&call.ask(|engine, host| engine.preflight(host))?)
}

/// Returns the pairs that the map of uuids in the configuration could say to be one.
pub(super) fn namesakes(call: &Call<'_>) -> Refused<Answer> {
    call.request.parameters(&[])?;
    Answer::ok(&call.ask(|engine, host| engine.namesakes(host))?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedChoice {
    choice: String,
}

pub(super) fn choose_node(call: &Call<'_>) -> Refused<Answer> {
    let AskedChoice { choice } = call.request.object("{\"choice\": \"adopt\", \"renew\" or \"childOfCopy\"}")?;
    let choice = NodeChoice::parse(&choice).map_err(Refusal::from)?;
    Answer::ok(&json!({"nodeId": call.ask(|engine, host| engine.choose_node(host, choice))?}))
}
