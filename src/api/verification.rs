//! Comparisons of both sides: started, seen, and what they found repaired.

use serde::Deserialize;

use super::request::Parameters;
use super::runs::Asked;
use super::{Answer, Call, Refusal, Refused, runs};
use crate::decide::verification::{Depth, Finding};
use crate::engine::{Wanted, category_named};
use crate::event::{Category, ObjectId};
use crate::store::verifications::{DifferenceFilter, ToRepair};

pub(super) const FILTER: &[&str] = &["category", "finding"];

const LIST: &[&str] = &["limit", "offset", "after", "category", "finding"];

/// What a body asks of a comparison.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// True if each object is to be compared, whatever the digests say.
    #[serde(default)]
    deep: bool,
}

pub(super) fn last(call: &Call<'_>) -> Refused<Answer> {
    Answer::ok(&call.ask(|engine, host| engine.verification(host))?)
}

pub(super) fn start(call: &Call<'_>) -> Refused<Answer> {
    let Wish { deep } = call.request.object("{} or {\"deep\": true}")?;
    runs::start(call, Wanted::Verify(if deep { Depth::Deep } else { Depth::Quick }))
}

pub(super) fn differences(call: &Call<'_>) -> Refused<Answer> {
    let asked = call.request.parameters(LIST)?;
    let (filter, page, limit) = (filter_of(&asked)?, asked.page()?, asked.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.differences(host, &filter, &page, limit))?)
}

pub(super) fn filter_of(asked: &Parameters) -> Refused<DifferenceFilter> {
    Ok(DifferenceFilter {
        category: asked.one_of("category", Category::parse)?,
        finding: asked.one_of("finding", told)?,
    })
}

/// What has to be looked at again is not told.
fn told(name: &str) -> Option<Finding> {
    Finding::parse(name).filter(|finding| *finding != Finding::Suspected)
}

pub(super) fn repair(call: &Call<'_>) -> Refused<Answer> {
    const FORM: &str = "{}, {\"category\": ...} or {\"category\": ..., \"uuid\": ...}";
    let which = match call.request.object(FORM)? {
        Asked { category: None, uuid: None } => ToRepair::All,
        Asked { category: Some(category), uuid: None } => ToRepair::OfCategory(category_named(&category)?),
        Asked { category: Some(category), uuid: Some(uuid) } => {
            found(call, ObjectId { category: category_named(&category)?, uuid })?
        }
        Asked { category: None, uuid: Some(_) } => return Err(Refusal::bad_request(format!("the body is {FORM}"))),
    };
    runs::start(call, Wanted::Repair(which))
}

/// Errors: `NotFound` where there is nothing to repair.
fn found(call: &Call<'_>, object: ObjectId) -> Refused<ToRepair> {
    let difference = call.ask(|engine, host| engine.difference(host, &object))?;
    match difference.filter(|found| Finding::DIFFERENCES.contains(&found.finding)) {
        Some(_) => Ok(ToRepair::One(object)),
        None => Err(Refusal::not_found(format!("the last comparison found no difference of {object}"))),
    }
}
