//! Figures of the status for a monitoring program, in the text format of Prometheus (0.0.4). Own lines: a registry would keep
//! a second copy of what the status knows.

use std::fmt::Write;

use super::{Answer, Call, Refused};
use crate::children::ChildReport;
use crate::decide::child::Need;
use crate::error::ErrorKind;
use crate::status::{RunReport, Status};
use crate::store::runs::RunState;

const TYPE: &str = "text/plain;version=0.0.4;charset=utf-8";

/// Without an engine only `sync2_up 0`.
pub(super) fn metrics(call: &Call<'_>) -> Refused<Answer> {
    let mut text = Text::default();
    match call.engine().and_then(|engine| engine.status()) {
        Ok(status) => {
            let problems = status.problems.len() + call.node.problems().len();
            describe(&mut text, &status, problems);
            of_children(&mut text, &call.ask(|engine, host| engine.children(host))?);
        }
        Err(error) if error.kind == ErrorKind::Closed => text.gauge("sync2_up", "Whether the engine is open.", 0),
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::of(200, TYPE, text.0.into_bytes()))
}

fn describe(text: &mut Text, status: &Status, problems: usize) {
    text.gauge("sync2_up", "Whether the engine is open.", 1);
    text.gauge("sync2_parked", "Records that wait.", status.parked);
    text.gauge("sync2_conflicts", "Conflicts that wait for a person.", status.conflicts);
    text.gauge("sync2_problems", "Things that somebody has to do something about.", problems + status.notes.len());
    text.gauge("sync2_held_categories", "Categories that the last run had to leave.", status.held.len());
    if let Some(lag) = status.lag_ms {
        let help = "How old the newest event is that a pull has passed.";
        text.gauge("sync2_lag_seconds", help, lag as f64 / 1000.0);
    }
    let runs = [("pull", status.pull_enabled, &status.pull), ("push", status.push_enabled, &status.push)];
    text.family(
        "sync2_enabled",
        "Whether the direction is scheduled.",
        &runs.map(|(name, on, _)| (name, Some(on as i64))),
    );
    let figure = |of: fn(&RunReport) -> Option<i64>| runs.map(|(name, _, run)| (name, run.as_ref().and_then(of)));
    let running = figure(|run| Some(i64::from(run.run.state == RunState::Running)));
    text.family("sync2_running", "Whether a run of the direction is under way.", &running);
    let completed = figure(|run| Some(i64::from(run.run.state == RunState::Completed)));
    text.family("sync2_last_run_completed", "Whether the last run came to its end.", &completed);
    let ended = figure(|run| run.run.ended_at.map(|ended| ended / 1000));
    text.family("sync2_last_run_end_timestamp_seconds", "When the last run ended.", &ended);
    let events = figure(|run| i64::try_from(run.run.progress.events).ok());
    text.family("sync2_last_run_events", "Events that the last run passed.", &events);
    let remaining = figure(|run| run.run.progress.remaining.and_then(|remaining| i64::try_from(remaining).ok()));
    text.family("sync2_last_run_remaining_events", "Events that were still to come.", &remaining);
}

/// Returns the last introduction of each child.
fn of_children(text: &mut Text, children: &[ChildReport]) {
    let mut family = |name: &str, help: &str, of: fn(&ChildReport) -> Option<f64>| {
        let values: Vec<_> = children.iter().filter_map(|child| Some((child, of(child)?))).collect();
        if !values.is_empty() {
            text.head(name, help);
        }
        for (child, value) in values {
            text.value(name, &labels(child), value);
        }
    };
    let needs = "Whether somebody has to look after the child.";
    family("sync2_child_needs_somebody", needs, |child| Some(f64::from(child.need != Need::Nothing)));
    let contact = "When the child was heard of last.";
    family("sync2_child_last_contact_timestamp_seconds", contact, |child| Some(child.child.heard_at as f64 / 1000.0));
    let lag = "How old the newest event was that the child's last pull had passed.";
    family("sync2_child_lag_seconds", lag, |child| Some(child.child.introduction.lag_ms? as f64 / 1000.0));
    family("sync2_child_parked", "Records that wait at the child.", |child| {
        Some(child.child.introduction.parked as f64)
    });
    family("sync2_child_conflicts", "Conflicts that wait for a person at the child.", |child| {
        Some(child.child.introduction.conflicts as f64)
    });
}

fn labels(ChildReport { child, .. }: &ChildReport) -> String {
    let said = &child.introduction;
    format!("node=\"{}\",name=\"{}\"", escaped(&said.node), escaped(&said.name))
}

/// As the format has the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Lines of the format. Names are all of this module.
#[derive(Default)]
struct Text(String);

impl Text {
    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// A value for each direction that has one.
    fn family(&mut self, name: &str, help: &str, values: &[(&str, Option<i64>)]) {
        if values.iter().all(|(_, value)| value.is_none()) {
            return;
        }
        self.head(name, help);
        for (direction, value) in values.iter().filter_map(|(direction, value)| Some((direction, (*value)?))) {
            self.value(name, &format!("direction=\"{direction}\""), value);
        }
    }

    /// Labels are escaped already.
    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }

    /// Writing into a text cannot fail.
    fn head(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }
}
