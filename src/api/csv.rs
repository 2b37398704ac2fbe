//! Lists as CSV (RFC 4180), for a spreadsheet.

use super::{Answer, Call, Refused};
use crate::engine::Engine;
use crate::error::Result;
use crate::host::Host;
use crate::store::LARGEST_LIST;
use crate::store::audit::AuditMessage;
use crate::store::paging::{Cursor, Page, PagedRow};
use crate::store::parked::Parked;
use crate::store::verifications::Difference;

use super::{parked, records, verification};

const TYPE: &str = "text/csv;charset=UTF-8;header=present";

/// The most rows of one file.
const MOST_ROWS: usize = 20_000;

const AUDIT: [&str; 12] = [
    "recordedAt",
    "direction",
    "category",
    "objectUuid",
    "action",
    "status",
    "errorKind",
    "error",
    "runId",
    "nodeId",
    "eventId",
    "uuid",
];

const PARKED: [&str; 11] = [
    "parkedAt",
    "direction",
    "category",
    "objectUuid",
    "errorKind",
    "error",
    "waitingForCategory",
    "waitingForUuid",
    "attempts",
    "nextAttemptAt",
    "auditUuid",
];

const DIFFERENCES: [&str; 7] = ["foundAt", "category", "objectUuid", "finding", "newer", "why", "repairedAt"];

/// Returns what an audit search finds, the newest first.
pub(super) fn audit(call: &Call<'_>) -> Refused<Answer> {
    let mut query = records::audit_query(call)?;
    let mut file = File::new(&AUDIT);
    call.ask(|engine, host| {
        while file.rows < MOST_ROWS {
            query.limit = LARGEST_LIST.min((MOST_ROWS - file.rows) as u32);
            let found = engine.audit(host, &query)?;
            found.messages.iter().for_each(|message| file.add(&message_row(&message.row)));
            query.after = found.next;
            if query.after.is_none() {
                break;
            }
        }
        Ok(())
    })?;
    Ok(file.answer())
}

fn message_row(message: &AuditMessage) -> [String; 12] {
    let outcome = &message.outcome;
    let error = outcome.error.as_ref();
    [
        message.recorded_at.to_string(),
        message.direction.name().to_string(),
        message.category.name().to_string(),
        message.object_uuid.clone().unwrap_or_default(),
        message.action.name().to_string(),
        outcome.status.name().to_string(),
        error.map(|error| error.kind.to_string()).unwrap_or_default(),
        error.map(|error| error.message.clone()).unwrap_or_default(),
        message.run_id.clone(),
        message.node_id.clone(),
        message.event_id.clone(),
        message.uuid.clone(),
    ]
}

/// The parked records that a filter lets through, the newest first.
pub(super) fn parked(call: &Call<'_>) -> Refused<Answer> {
    let filter = parked::filter_of(&call.request.parameters(parked::LIST)?)?;
    let list =
        |engine: &Engine, host: &mut dyn Host, page: &Page| engine.list_parked(host, &filter, page, LARGEST_LIST);
    all_pages(call, &PARKED, list, record_row)
}

fn record_row(record: &Parked) -> [String; 11] {
    let awaited = record.waiting_for.as_ref();
    [
        record.parked_at.to_string(),
        record.direction.name().to_string(),
        record.object.category.name().to_string(),
        record.object.uuid.clone(),
        record.error.kind.to_string(),
        record.error.message.clone(),
        awaited.map(|object| object.category.name().to_string()).unwrap_or_default(),
        awaited.map(|object| object.uuid.clone()).unwrap_or_default(),
        record.attempts.to_string(),
        record.next_attempt_at.map(|time| time.to_string()).unwrap_or_default(),
        record.audit_uuid.clone(),
    ]
}

/// What the last comparison found and a filter lets through, the newest first.
pub(super) fn differences(call: &Call<'_>) -> Refused<Answer> {
    let filter = verification::filter_of(&call.request.parameters(verification::FILTER)?)?;
    let list =
        |engine: &Engine, host: &mut dyn Host, page: &Page| engine.differences(host, &filter, page, LARGEST_LIST);
    all_pages(call, &DIFFERENCES, list, difference_row)
}

fn difference_row(difference: &Difference) -> [String; 7] {
    [
        difference.found_at.to_string(),
        difference.object.category.name().to_string(),
        difference.object.uuid.clone(),
        difference.finding.name().to_string(),
        difference.newer.map(|newer| newer.name().to_string()).unwrap_or_default(),
        difference.why.map(|why| why.name().to_string()).unwrap_or_default(),
        difference.repaired_at.map(|time| time.to_string()).unwrap_or_default(),
    ]
}

/// A file of the pages of a list, a line for each row.
fn all_pages<T, const COLUMNS: usize>(
    call: &Call<'_>,
    columns: &[&str; COLUMNS],
    list: impl Fn(&Engine, &mut dyn Host, &Page) -> Result<Vec<PagedRow<T>>>,
    line: impl Fn(&T) -> [String; COLUMNS],
) -> Refused<Answer> {
    let mut file = File::new(columns);
    let mut page = Page::From(0);
    call.ask(|engine, host| {
        while file.rows < MOST_ROWS {
            let rows = list(engine, host, &page)?;
            let Some(last) = rows.last() else { break };
            page = Page::After(Cursor::parse(&last.cursor)?);
            rows.iter().for_each(|row| file.add(&line(&row.row)));
        }
        Ok(())
    })?;
    Ok(file.answer())
}

/// A file that is being written.
struct File {
    text: String,
    rows: usize,
}

impl File {
    fn new(columns: &[&str]) -> File {
        File { text: columns.join(",") + "\r\n", rows: 0 }
    }

    fn add(&mut self, fields: &[String]) {
        let fields: Vec<String> = fields.iter().map(|field| cell(field)).collect();
        self.text.push_str(&fields.join(","));
        self.text.push_str("\r\n");
        self.rows += 1;
    }

    fn answer(self) -> Answer {
        Answer::of(200, TYPE, self.text.into_bytes())
    }
}

/// A field in quotes. What a spreadsheet would take for a formula gets an apostrophe: messages quote what strangers sent.
fn cell(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<i64>().is_err();
    format!("\"{}{}\"", if formula { "'" } else { "" }, field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_quotes_of_strangers_do_no_harm() {
        assert_eq!(cell("a \"b\",\nc"), "\"a \"\"b\"\",\nc\"");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(["-5", "-5+1", "@x"].map(cell), ["\"-5\"", "\"'-5+1\"", "\"'@x\""]);
    }
}
