//! Runs schedules, those that failed before first, and says which fail.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use sync2::decide::resolution::{Choice, Whose};
use sync2::error::{ErrorKind, Result as Answer};
use sync2::event::{Direction, ObjectId};
use sync2::identity::NodeChoice;
use sync2::resolution::Decided;
use sync2::status::RunReport;
use sync2::store::Failure;
use sync2::store::conflicts::ConflictKind;
use sync2::testing::sqlite_host::SqliteHost;

use crate::clinic::{Clerk, Maker};
use crate::judge::{Open, judge};
use crate::ledger::{Held, Ledger, Seen};
use crate::nodes::{CATEGORIES, Node, Nodes};
use crate::schedule::Schedule;
use crate::steps::{Deed, Step};

/// The most failing schedules that are looked for, reduced and told.
const MOST_FAILURES: usize = 5;

/// How often all is synchronized before it has to be quiet.
const MOST_ROUNDS: usize = 12;

/// The most requests before one that is cut, and calls of the host before one at which the process ends.
const MOST_REQUESTS: u32 = 6;
const MOST_CALLS: u32 = 160;

/// Which servers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A parent and a child.
    Pair,
    /// A child, its parent, and that one's parent.
    Chain,
    /// A root with two children, one of which has a child.
    Four,
}

impl Setting {
    const ALL: [Setting; 3] = [Setting::Pair, Setting::Chain, Setting::Four];

    pub fn name(self) -> &'static str {
        match self {
            Setting::Pair => "pair",
            Setting::Chain => "chain",
            Setting::Four => "four",
        }
    }

    pub fn parse(name: &str) -> Option<Setting> {
        Setting::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// The parent of each server, by its number.
    fn parents(self) -> &'static [Option<usize>] {
        match self {
            Setting::Pair => &[None, Some(0)],
            Setting::Chain => &[None, Some(0), Some(1)],
            Setting::Four => &[None, Some(0), Some(0), Some(1)],
        }
    }

    /// How many schedules are run where nobody says it.
    fn schedules(self) -> u64 {
        match self {
            Setting::Pair => 1000,
            Setting::Chain | Setting::Four => 150,
        }
    }

    pub fn nodes(self) -> usize {
        self.parents().len()
    }
}

/// True if a schedule of any setting has failed.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// Runs the schedules of a setting. Panics where one fails.
pub fn hold(setting: Setting) {
    if let Ok(line) = std::env::var("MODEL_SCHEDULE") {
        let schedule: Schedule = line.parse().unwrap();
        if schedule.setting != setting {
            return;
        }
        return match run(&schedule, true) {
            Ok(()) => println!("it holds"),
            Err(wrong) => panic!("{schedule}\n{wrong}"),
        };
    }
    let known = known(setting);
    let failed = Mutex::new(Vec::new());
    let number = |name: &str, otherwise| std::env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (first, count) = (number("MODEL_SEED", 1), number("MODEL_SCHEDULES", setting.schedules()));
    let only_first = std::env::var("MODEL_FIRST").is_ok();
    let next = AtomicU64::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    if only_first && HAS_FAILED.load(Ordering::Relaxed) {
                        return;
                    }
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if failed.lock().unwrap().len() >= MOST_FAILURES || place >= count + known.len() as u64 {
                        return;
                    }
                    let (origin, schedule) = match known.get(place as usize) {
                        Some(schedule) => ("the corpus".to_string(), schedule.clone()),
                        None => {
                            let seed = first + place - known.len() as u64;
                            (format!("seed {seed}"), Schedule::random(setting, seed))
                        }
                    };
                    if let Err(wrong) = tried(&schedule) {
                        let (reduced, wrong) = if only_first { (schedule, wrong) } else { reduced(schedule, wrong) };
                        HAS_FAILED.store(true, Ordering::Relaxed);
                        let is_new = !known.contains(&reduced);
                        failed.lock().unwrap().push((place, origin, reduced, wrong, is_new));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|(place, ..)| *place);
    for (place, origin, schedule, wrong, is_new) in &failed {
        println!("--- schedule {} ({origin}):\n{schedule}\n{wrong}\n", place + 1);
        if *is_new && std::env::var("MODEL_FORGETS").is_err() {
            keep(schedule, origin);
        }
    }
    assert!(failed.is_empty(), "{} schedules fail; see above, and docs/testing.md", failed.len());
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/model/corpus.txt")
}

/// The schedules that failed once.
fn known(setting: Setting) -> Vec<Schedule> {
    let text = std::fs::read_to_string(corpus()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| line.parse().unwrap()).filter(|schedule: &Schedule| schedule.setting == setting).collect()
}

/// Adds a schedule to the corpus, where that can be written.
fn keep(schedule: &Schedule, origin: &str) {
    let written =
        OpenOptions::new().append(true).open(corpus()).and_then(|mut file| writeln!(file, "# {origin}\n{schedule}"));
    if let Err(error) = written {
        println!("it could not be added to the corpus: {error}");
    }
}

/// Runs a schedule; a panic is a failure of it, too.
fn tried(schedule: &Schedule) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| run(schedule, false))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// Takes steps away as long as it fails without them.
fn reduced(mut schedule: Schedule, mut wrong: String) -> (Schedule, String) {
    let mut length = (schedule.steps.len() / 2).max(1);
    loop {
        let mut place = 0;
        while place < schedule.steps.len() {
            let shorter = schedule.without(place..place + length);
            match tried(&shorter) {
                Err(why) => (schedule, wrong) = (shorter, why),
                Ok(()) => place += length,
            }
        }
        if length == 1 {
            return (schedule, wrong);
        }
        length = length.div_ceil(2).min(length - 1);
    }
}

/// Runs a schedule to its end. Errors: what is wrong, and what led to it.
fn run(schedule: &Schedule, tells: bool) -> Result<(), String> {
    let mut trial = Trial::of(schedule);
    trial.tells = tells;
    let wrong = trial.run(&schedule.steps);
    if wrong.is_empty() { Ok(()) } else { Err(trial.report(&wrong)) }
}

/// A conflict as somebody saw it.
#[derive(Clone)]
struct Shown {
    version: String,
    ours: Value,
    theirs: Value,
}

/// A copy of a database, and what is known of it.
struct Copy {
    database: SqliteHost,
    held: Held,
    /// See [`Trial::choices`].
    choice: Option<NodeChoice>,
}

struct Trial {
    nodes: Nodes,
    /// Child and parent.
    links: Vec<(usize, usize)>,
    ledger: Ledger,
    maker: Maker,
    /// What somebody saw of each conflict, by its uuid.
    shown: BTreeMap<String, Shown>,
    /// The copies of each server's database that were laid aside.
    copies: Vec<Vec<Copy>>,
    /// What is to be answered by each server's administrator when it asks which node it is; nothing where it goes on as the
    /// node of its database.
    choices: Vec<Option<NodeChoice>>,
    told: Vec<String>,
    tells: bool,
}

impl Trial {
    fn of(schedule: &Schedule) -> Trial {
        let parents = schedule.setting.parents();
        let is_parent = |node: usize| parents.contains(&Some(node));
        // One server in every third schedule, never the root.
        let lossy = |node: usize| {
            node > 0 && (schedule.variant / 6).is_multiple_of(3) && node == schedule.variant as usize % parents.len()
        };
        let lossy: Vec<bool> = (0..parents.len()).map(lossy).collect();
        let configured: Vec<(Option<usize>, Value, bool)> = parents
            .iter()
            .enumerate()
            .map(|(node, parent)| (*parent, config(schedule.variant, parent.is_some(), is_parent(node)), lossy[node]))
            .collect();
        let lossy_between = (0..parents.len()).any(|node| lossy[node] && parents[node].is_some() && is_parent(node));
        let links = parents.iter().enumerate().filter_map(|(child, parent)| Some((child, (*parent)?)));
        Trial {
            nodes: Nodes::start(&configured, schedule.has_copies()),
            links: links.collect(),
            ledger: Ledger::of(lossy, lossy_between),
            copies: parents.iter().map(|_| Vec::new()).collect(),
            choices: vec![None; parents.len()],
            shown: BTreeMap::new(),
            maker: Maker::new(),
            told: Vec::new(),
            tells: false,
        }
    }

    fn run(&mut self, steps: &[Step]) -> Vec<String> {
        for step in steps {
            let wrong = self.take(step);
            if !wrong.is_empty() {
                return wrong;
            }
        }
        let wrong = self.become_quiet();
        if !wrong.is_empty() {
            return wrong;
        }
        let open = self.open();
        let mut wrong = judge(&self.ledger, &open);
        wrong.extend(self.stays_quiet());
        wrong
    }

    fn tell(&mut self, what: String) {
        if self.tells {
            println!("{what}");
        }
        self.told.push(what);
    }

    fn take(&mut self, step: &Step) -> Vec<String> {
        let (child, parent) = self.link_at(step);
        let [first, ..] = step.picks;
        match step.deed {
            Deed::DayPasses => {
                self.tell(format!("{step}"));
                for node in 0..self.nodes.count() {
                    self.nodes.node(node).let_a_day_pass();
                }
                return Vec::new();
            }
            Deed::Look => {
                self.look_at_conflicts(step);
                return Vec::new();
            }
            Deed::Decide => return self.decide(step),
            Deed::Restore if !self.copies[step.node].is_empty() => return self.restore(step),
            // Where no copy was laid aside there is nothing to go on with: one is made for the next time.
            Deed::BackUp | Deed::Restore => {
                let copy = self.copy_of(step.node);
                self.copies[step.node].push(copy);
                self.tell(format!("{step}"));
                return Vec::new();
            }
            Deed::Clone => return self.clone_to_another(step),
            Deed::ChildOfCopy => return self.become_child_of_copy(step),
            Deed::Pull | Deed::Push | Deed::Backfill => {}
            Deed::PullCut | Deed::PushCut => self.nodes.line(parent).cut_after = Some(first % MOST_REQUESTS),
            Deed::PushUnheard => self.nodes.line(parent).unheard_after = Some(first % MOST_REQUESTS / 2),
            Deed::PullKilled | Deed::PushKilled | Deed::BackfillKilled => {
                self.nodes.node(child).host.lose_database_after(first % MOST_CALLS);
            }
            Deed::ParentKilled => self.nodes.node(parent).host.lose_database_after(first % MOST_CALLS),
            _ => {
                self.act(step);
                return Vec::new();
            }
        }
        let direction = match step.deed {
            Deed::Pull | Deed::PullCut | Deed::PullKilled | Deed::Backfill | Deed::BackfillKilled => Direction::Pull,
            _ => Direction::Push,
        };
        self.ledger.unheard |= direction == Direction::Push && step.deed != Deed::Push;
        let mut wrong = self.synchronize((child, parent), direction, step);
        self.nodes.line(parent).cut_after = None;
        self.nodes.line(parent).unheard_after = None;
        match step.deed {
            Deed::PullKilled | Deed::PushKilled | Deed::BackfillKilled => self.nodes.node(child).restart(),
            Deed::ParentKilled => self.nodes.node(parent).restart(),
            _ => {}
        }
        wrong.extend(self.look((child, parent)));
        wrong
    }

    /// The link that a run at this server uses; at a server that has no parent, one of all.
    fn link_at(&self, step: &Step) -> (usize, usize) {
        let own = self.links.iter().find(|(child, _)| *child == step.node);
        *own.unwrap_or(&self.links[step.picks[2] as usize % self.links.len()])
    }

    fn act(&mut self, step: &Step) {
        let here = &self.ledger.here[step.node];
        let mut clerk =
            Clerk { maker: &mut self.maker, here, ledger: &self.ledger, is_lossy: self.ledger.lossy[step.node] };
        let Some(transaction) = clerk.act(step.deed, step.picks) else {
            self.tell(format!("{step}: nothing to do"));
            return;
        };
        let saved: Vec<String> =
            transaction.saved.iter().map(|(object, document)| format!("{object} {document}")).collect();
        let voided: Vec<String> = transaction.voided.iter().map(ToString::to_string).collect();
        self.tell(format!("{step}: saves {saved:?}, voids {voided:?}"));
        let after = {
            let mut node = self.nodes.node(step.node);
            node.edit_together(&transaction.saved, &transaction.voided);
            node.snapshot()
        };
        self.ledger.people_wrote(step.node, after, &transaction.voided);
    }

    fn look_at_conflicts(&mut self, step: &Step) {
        let mut node = self.nodes.node(step.node);
        for conflict in node.conflicts() {
            if let Some(shown) = seen(&mut node, &conflict.uuid) {
                self.shown.insert(conflict.uuid, shown);
            }
        }
        drop(node);
        self.tell(format!("{step}"));
    }

    /// Decides about a conflict of two documents as it was shown; as it is now, where nobody looked at it before.
    fn decide(&mut self, step: &Step) -> Vec<String> {
        let [first, second, _] = step.picks;
        let mut node = self.nodes.node(step.node);
        let conflicts: Vec<_> = node.conflicts().into_iter().filter(|one| one.kind == ConflictKind::Content).collect();
        let Some(conflict) = conflicts.get(first as usize % conflicts.len().max(1)) else { return Vec::new() };
        let shown = self.shown.remove(&conflict.uuid).or_else(|| seen(&mut node, &conflict.uuid));
        let Some(Shown { version, ours, theirs }) = shown else { return Vec::new() };
        let whose = [Whose::Ours, Whose::Theirs][second as usize % 2];
        let decided = Decided {
            choice: Choice::Side(whose),
            by: "clerk".to_string(),
            reason: "asked the patient".to_string(),
            version: Some(version),
        };
        let Node { engine, host, .. } = &mut *node;
        let result = engine.resolve(host, &conflict.uuid, &decided);
        let after = node.snapshot();
        drop(node);
        self.tell(format!("{step}: {} {whose:?}: {:?}", conflict.object, result.as_ref().map(drop)));
        let mut wrong = Vec::new();
        if result.is_ok() {
            if self.ledger.here[step.node][&conflict.object].document != ours {
                wrong.push(format!("{}: a decision was carried out over a newer edit", conflict.object));
            }
            let theirs = Seen::of(false, theirs);
            wrong.extend(self.ledger.decided(step.node, &conflict.object, &theirs, after));
        } else if after != self.ledger.here[step.node] {
            wrong.push(format!("{}: a decision that was refused has changed something", conflict.object));
        }
        wrong
    }

    /// One run. What is wrong is that nothing disturbs it and it does not come to its end.
    fn synchronize(&mut self, (child, parent): (usize, usize), direction: Direction, step: &Step) -> Vec<String> {
        let undisturbed = matches!(step.deed, Deed::Pull | Deed::Push | Deed::Backfill);
        self.nodes.line(parent).brought.clear();
        let run = |trial: &Trial| {
            let mut node = trial.nodes.node(child);
            let compares = matches!(step.deed, Deed::Backfill | Deed::BackfillKilled);
            if compares { node.backfill() } else { node.run(direction) }
        };
        let mut report = run(self);
        self.tell(format!("{step}: {}", told_of(&report)));
        if let (true, Some(choice)) = (undisturbed, self.choice(child, &report)) {
            let chosen = self.nodes.node(child).choose(choice);
            self.tell(format!("somebody chooses at {child} {choice:?}: {chosen:?}"));
            self.choices[child] = None;
            report = run(self);
            self.tell(format!("{step}: {}", told_of(&report)));
        } else if undisturbed && self.choices[child].is_some() {
            return vec![format!("server {child} goes on with a copied database, and nobody has said as which node")];
        }
        if undisturbed && stopped_by(&report).is_some_and(|error| error.kind == ErrorKind::NeedsBackfill) {
            let wrong = self.look((child, parent));
            if !wrong.is_empty() {
                return wrong;
            }
            report = self.nodes.node(child).backfill();
            self.tell(format!("somebody has all compared at {child}: {}", told_of(&report)));
        }
        // The parent was restored to before the copy that the child was to be made from: "make the copy again".
        if undisturbed && stopped_by(&report).is_some_and(|error| error.message.contains("make the copy again")) {
            return self.make_the_copy_again((child, parent), direction, step);
        }
        let told = told_of(&report);
        let brought = std::mem::take(&mut self.nodes.line(parent).brought);
        let is_echo = |object: &&ObjectId| !self.ledger.unheard && self.ledger.is_known_alike([child, parent], object);
        if let Some(echo) = brought.iter().find(is_echo) {
            return vec![format!("{echo} was sent, although nobody changed it since both sides agreed")];
        }
        match report {
            Ok(report) if report.run.state.name() == "completed" => Vec::new(),
            _ if !undisturbed => Vec::new(),
            _ => vec![format!("a {direction:?} that nothing disturbs ends so: {told}")],
        }
    }

    /// What an administrator answers where a server asks which node it is.
    fn choice(&self, node: usize, report: &Answer<RunReport>) -> Option<NodeChoice> {
        let asks = report.as_ref().is_err_and(|error| {
            error.kind == ErrorKind::Configuration && error.message.contains("until somebody chooses")
        });
        asks.then(|| self.choices[node].unwrap_or(NodeChoice::Adopt))
    }

    fn copy_of(&self, node: usize) -> Copy {
        let database = self.nodes.node(node).host.backup().unwrap();
        Copy { database, held: self.ledger.held(node), choice: self.choices[node] }
    }

    fn go_on_with(&mut self, node: usize, copy: &Copy) {
        self.nodes.node(node).go_on_with(&copy.database);
        self.ledger.went_on_with(node, copy.held.clone());
        self.choices[node] = copy.choice;
    }

    /// The server goes on with one of the copies that were laid aside.
    fn restore(&mut self, step: &Step) -> Vec<String> {
        let copies = std::mem::take(&mut self.copies[step.node]);
        self.go_on_with(step.node, &copies[step.picks[0] as usize % copies.len()]);
        self.tell(format!("{step}: {} copies are there", copies.len()));
        self.copies[step.node] = copies;
        Vec::new()
    }

    /// Another child of the same parent goes on with a copy of this one's database, and becomes a node of its own.
    fn clone_to_another(&mut self, step: &Step) -> Vec<String> {
        let parent_of = |node: usize| self.links.iter().find(|(child, _)| *child == node).map(|(_, parent)| *parent);
        let is_alike = |other: &usize| {
            let lossy = &self.ledger.lossy;
            *other != step.node && parent_of(*other) == parent_of(step.node) && lossy[*other] == lossy[step.node]
        };
        let Some(other) = (0..self.nodes.count()).find(is_alike) else { return Vec::new() };
        let copy = Copy { choice: Some(NodeChoice::Renew), ..self.copy_of(step.node) };
        self.go_on_with(other, &copy);
        self.tell(format!("{step}: {other} goes on with a copy of it"));
        Vec::new()
    }

    /// The server goes on with a copy of its parent's database.
    fn become_child_of_copy(&mut self, step: &Step) -> Vec<String> {
        let (child, parent) = self.link_at(step);
        let is_alike = self.ledger.lossy[child] == self.ledger.lossy[parent];
        if !is_alike || !self.nodes.node(parent).publish() {
            return Vec::new();
        }
        let copy = Copy { choice: Some(NodeChoice::ChildOfCopy), ..self.copy_of(parent) };
        self.go_on_with(child, &copy);
        self.tell(format!("{step}: {child} goes on with a copy of {parent}"));
        Vec::new()
    }

    /// What the child alone had goes with its database. Where the parent has no events, which the words ask for, it is a new
    /// node with a copy of what is there.
    fn make_the_copy_again(&mut self, link: (usize, usize), direction: Direction, step: &Step) -> Vec<String> {
        let (child, parent) = link;
        let has_events = self.nodes.node(parent).publish();
        let choice = if has_events { NodeChoice::ChildOfCopy } else { NodeChoice::Renew };
        let copy = Copy { choice: Some(choice), ..self.copy_of(parent) };
        self.go_on_with(child, &copy);
        self.tell(format!("the copy of {parent} for {child} is made again"));
        self.synchronize(link, direction, step)
    }

    /// What the ledger says of what both servers have now.
    fn look(&mut self, (child, parent): (usize, usize)) -> Vec<String> {
        let after = [child, parent].map(|node| self.nodes.node(node).snapshot());
        self.ledger.synchronized([child, parent], after)
    }

    /// Synchronizes until nothing changes any more.
    fn become_quiet(&mut self) -> Vec<String> {
        let mut before = self.state();
        for _ in 0..MOST_ROUNDS {
            for node in 0..self.nodes.count() {
                self.nodes.node(node).let_a_day_pass();
            }
            let wrong = self.round();
            if !wrong.is_empty() {
                return wrong;
            }
            let after = self.state();
            if after == before {
                return Vec::new();
            }
            before = after;
        }
        vec![format!("it does not become quiet in {MOST_ROUNDS} rounds")]
    }

    fn round(&mut self) -> Vec<String> {
        for link in self.links.clone() {
            for (direction, deed) in [(Direction::Pull, Deed::Pull), (Direction::Push, Deed::Push)] {
                let step = Step { node: link.0, deed, picks: [0; 3] };
                let mut wrong = self.synchronize(link, direction, &step);
                wrong.extend(self.look(link));
                if !wrong.is_empty() {
                    return wrong;
                }
            }
        }
        Vec::new()
    }

    /// What must not change any more: documents, conflicts, and what waits.
    fn state(&mut self) -> Vec<String> {
        let mut state = Vec::new();
        for number in 0..self.nodes.count() {
            let mut node = self.nodes.node(number);
            let conflicts = node.conflicts();
            let conflicts: BTreeMap<_, _> =
                conflicts.iter().map(|conflict| (conflict.object.to_string(), Open::of(conflict))).collect();
            let parked = node.parked();
            let parked: BTreeMap<_, _> = parked
                .iter()
                .map(|parked| (format!("{:?} {}", parked.direction, parked.object), &parked.error.message))
                .collect();
            state.push(format!("{:?} {conflicts:?} {parked:?}", node.snapshot()));
        }
        state
    }

    /// Runs once more: nothing is asked or brought any more, but that a child with open conflicts asks whether its parent has the
    /// exchange, and whether somebody decided them there.
    fn stays_quiet(&mut self) -> Vec<String> {
        for number in 0..self.nodes.count() {
            self.nodes.line(number).arrived.clear();
        }
        let mut wrong = self.round();
        // Once whether it is there, and at most once for each conflict: they are asked about a batch at a time.
        let nodes = 0..self.nodes.count();
        let conflicts = nodes.map(|number| self.nodes.node(number).conflicts().len() as u32);
        let most: u32 = conflicts.filter(|conflicts| *conflicts > 0).map(|conflicts| 1 + conflicts).sum();
        let mut asked = 0;
        for number in 0..self.nodes.count() {
            let arrived = self.nodes.line(number).arrived.clone();
            asked += arrived.get("read").copied().unwrap_or_default();
            if asked > most || arrived.contains_key("apply") {
                wrong.push(format!("there is something to say after all is quiet: {arrived:?}"));
            }
        }
        wrong
    }

    fn open(&mut self) -> Vec<Open> {
        let nodes = 0..self.nodes.count();
        nodes.flat_map(|number| self.nodes.node(number).conflicts()).map(|conflict| Open::of(&conflict)).collect()
    }

    fn report(&mut self, wrong: &[String]) -> String {
        let mut lines: Vec<String> = wrong.iter().map(|wrong| format!("WRONG {wrong}")).collect();
        lines.append(&mut self.told);
        for number in 0..self.nodes.count() {
            let mut node = self.nodes.node(number);
            for (object, seen) in node.snapshot() {
                lines.push(format!("server {number}: {object} {:?} {}", seen.state, seen.document));
            }
            for conflict in node.conflicts() {
                lines.push(format!("server {number}: conflict {:?}", Open::of(&conflict)));
            }
            for parked in node.parked() {
                let (object, direction) = (parked.object, parked.direction);
                lines.push(format!("server {number}: parked {direction:?} {object}: {}", parked.error.message));
            }
        }
        lines.join("\n")
    }
}

fn stopped_by(report: &Answer<RunReport>) -> Option<&Failure> {
    report.as_ref().ok()?.run.error.as_ref()
}

fn told_of(report: &Answer<RunReport>) -> String {
    match report {
        Ok(report) => format!("{} {:?} {:?}", report.run.state.name(), report.run.progress.counts, report.run.error),
        Err(error) => format!("{error}"),
    }
}

/// A conflict of two documents, as it is shown.
fn seen(node: &mut Node, uuid: &str) -> Option<Shown> {
    let Node { engine, host, .. } = node;
    let detail = engine.conflict(host, uuid).unwrap()?;
    Some(Shown { version: detail.version, ours: detail.ours?, theirs: detail.theirs? })
}

fn config(variant: u32, has_parent: bool, has_children: bool) -> Value {
    let categories: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|name| (name.to_string(), json!({}))).collect();
    let batch_size = [100, 1, 3][variant as usize % 3];
    let page_size = [100, 5][variant as usize / 3 % 2];
    let first_run = ["feed", "backfill"][variant as usize / 6 % 2];
    let mut config = json!({
        "retry": {"attempts": 1, "firstDelaySeconds": 0, "maxDelaySeconds": 0},
        "transfer": {"batchSize": batch_size, "pageSize": page_size},
        "categories": categories,
        "pull": {"enabled": has_parent, "firstRun": first_run}, "push": {"enabled": has_parent},
    });
    if has_children {
        config["exchange"] = json!({"children": {"sync": {}}});
    }
    config
}
