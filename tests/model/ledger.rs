//! Who wrote what over what: the plain model beside the servers. It sees each server before and after each step, and
//! nothing else. What people write is a version of each field that they changed, and takes the place of the version that
//! stood there. What a synchronization writes must be a version of the other side.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sync2::event::ObjectId;

use crate::fields::fields;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    Removed,
}

/// An object as it is stored at a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub state: State,
    /// Of a removed object: what it was.
    pub document: Value,
    fields: BTreeMap<String, String>,
}

impl Seen {
    pub fn of(removed: bool, document: Value) -> Seen {
        let state = if removed { State::Removed } else { State::Live };
        Seen { state, fields: fields(&document), document }
    }

    /// What is to be read at a field, whether the object is removed or not.
    pub fn text(&self, field: &str) -> Word {
        match self.fields.get(field) {
            _ if field == EXISTENCE => Word::Text(String::new()),
            Some(text) => Word::Text(text.clone()),
            None => Word::Missing,
        }
    }

    fn word(&self, field: &str) -> Word {
        if self.state == State::Removed { Word::Removed } else { self.text(field) }
    }
}

/// Everything that a server has.
pub type Snapshot = BTreeMap<ObjectId, Seen>;

/// Stands for the object itself among its fields.
const EXISTENCE: &str = "";

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Its object is removed.
    Removed,
    Missing,
    Text(String),
}

/// What one deed, or the restoring of an owner, wrote at one field.
#[derive(Debug)]
struct Version {
    word: Word,
    /// What stood there when it was written.
    over: Option<usize>,
    superseded: bool,
    /// True if somebody decided against it.
    decided_against: bool,
    /// What a copied or restored database makes of it.
    fate: Fate,
    /// What its object was removed with; nothing of what somebody removed itself.
    along_with: Option<ObjectId>,
}

/// What became of a version when a server went on with an older database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// As far as anybody knows.
    Known,
    /// It may stand again: somebody decided against it, and that decision may be lost.
    Perhaps,
    /// No server has it, or what was written over it.
    Lost,
}

type Place = (ObjectId, String);

/// What a server had when its database was copied.
#[derive(Clone)]
pub struct Held {
    at: BTreeMap<Place, usize>,
    here: Snapshot,
    strays: BTreeSet<ObjectId>,
}

/// The model.
pub struct Ledger {
    versions: Vec<Version>,
    of: BTreeMap<Place, Vec<usize>>,
    /// Which version stands at each server.
    at: Vec<BTreeMap<Place, usize>>,
    /// What each server has.
    pub here: Vec<Snapshot>,
    /// Objects that a synchronization removed, and nobody else: by server.
    strays: BTreeSet<(usize, ObjectId)>,
    /// True if an answer to a push may have been lost.
    pub unheard: bool,
    /// True if each server loses what [`is_lost`] says.
    pub lossy: Vec<bool>,
    /// True if one of these is between others: what it loses it does not pass on.
    lossy_between: bool,
}

impl Ledger {
    pub fn of(lossy: Vec<bool>, lossy_between: bool) -> Ledger {
        let nodes = lossy.len();
        Ledger {
            versions: Vec::new(),
            of: BTreeMap::new(),
            at: vec![BTreeMap::new(); nodes],
            here: vec![Snapshot::new(); nodes],
            strays: BTreeSet::new(),
            unheard: false,
            lossy,
            lossy_between,
        }
    }

    /// Returns true if a field of the object ever said this, anywhere.
    pub fn ever_was(&self, object: &ObjectId, field: &str, text: &str) -> bool {
        let place = (object.clone(), field.to_string());
        let versions = self.of.get(&place).into_iter().flatten();
        versions.into_iter().any(|version| self.versions[*version].word == Word::Text(text.to_string()))
    }

    /// Somebody did something at a server; `removed` is what they removed themselves.
    pub fn people_wrote(&mut self, node: usize, after: Snapshot, removed: &[ObjectId]) {
        for (object, field, word) in changed(&self.here[node], &after) {
            let goes_along = word == Word::Removed && !removed.contains(&object);
            let along_with = goes_along.then(|| removed.first().cloned()).flatten();
            self.write(node, (object, field), word, along_with);
        }
        self.here[node] = after;
    }

    fn write(&mut self, node: usize, place: Place, word: Word, along_with: Option<ObjectId>) {
        let over = self.at[node].get(&place).copied();
        if word == Word::Missing && over.is_none() {
            return;
        }
        if let Some(over) = over {
            self.versions[over].superseded = true;
        }
        let version = self.versions.len();
        self.versions.push(Version {
            word,
            over,
            superseded: false,
            decided_against: false,
            fate: Fate::Known,
            along_with,
        });
        self.of.entry(place.clone()).or_default().push(version);
        self.at[node].insert(place, version);
    }

    /// Two servers were synchronized. Returns what must not be.
    pub fn synchronized(&mut self, nodes: [usize; 2], after: [Snapshot; 2]) -> Vec<String> {
        let stood = nodes.map(|node| self.at[node].clone());
        let mut wrong = Vec::new();
        for (side, node) in nodes.into_iter().enumerate() {
            for (object, field, word) in changed(&self.here[node], &after[side]) {
                let place = (object, field);
                let there = stood[1 - side].get(&place).copied();
                match there.filter(|version| self.versions[*version].word == word) {
                    Some(version) => wrong.extend(self.take(node, &place, version, &after[side])),
                    None => wrong.extend(self.write_alone(node, place, word)),
                }
            }
        }
        for (node, after) in nodes.into_iter().zip(after) {
            self.here[node] = after;
        }
        wrong
    }

    /// The other side's version now stands at this server.
    fn take(&mut self, node: usize, place: &Place, version: usize, after: &Snapshot) -> Option<String> {
        let before = self.at[node].insert(place.clone(), version);
        self.strays.remove(&(node, place.0.clone()));
        let (object, field) = place;
        if before.is_some_and(|before| self.is_older(version, before)) {
            return Some(format!("server {node}: {object} {field}: went back to what was replaced there before"));
        }
        let owner = self.versions[version].along_with.as_ref()?;
        let stands = after.get(owner).is_some_and(|owner| owner.state == State::Live);
        (stands && field == EXISTENCE && !self.was_restored(node, owner))
            .then(|| format!("server {node}: {object} was removed only with {owner}, which is not removed here"))
    }

    /// Returns true if somebody removed an object that is live at a server, and it came back there.
    fn was_restored(&self, node: usize, object: &ObjectId) -> bool {
        let mut version = self.at[node].get(&(object.clone(), EXISTENCE.to_string())).copied();
        while let Some(Version { word, over, .. }) = version.map(|version| &self.versions[version]) {
            if *word == Word::Removed {
                return true;
            }
            version = *over;
        }
        false
    }

    /// A synchronization wrote what the other side does not say: what was removed with another comes back with it, or goes
    /// along with it.
    fn write_alone(&mut self, node: usize, place: Place, word: Word) -> Option<String> {
        let stood = self.at[node].get(&place).copied();
        match word {
            Word::Removed => {
                self.strays.insert((node, place.0));
                None
            }
            Word::Missing => None,
            Word::Text(_) if self.was(stood, &word) => {
                self.strays.remove(&(node, place.0.clone()));
                self.write(node, place, word, None);
                None
            }
            Word::Text(text) => {
                Some(format!("server {node}: {} {}: nobody on the other side wrote {text:?}", place.0, place.1))
            }
        }
    }

    /// Returns true if a field said this before its object was removed.
    fn was(&self, stood: Option<usize>, word: &Word) -> bool {
        let before = stood.map(|version| &self.versions[version]);
        match before {
            Some(Version { word: Word::Removed, over, .. }) => self.was(*over, word),
            Some(version) => version.word == *word,
            None => false,
        }
    }

    /// Returns true if one version was replaced, in however many steps, by the other.
    fn is_older(&self, older: usize, newer: usize) -> bool {
        let mut over = self.versions[newer].over;
        while let Some(version) = over {
            if version == older {
                return true;
            }
            over = self.versions[version].over;
        }
        false
    }

    /// Everything that is anywhere.
    pub fn objects(&self) -> BTreeSet<ObjectId> {
        self.here.iter().flat_map(|here| here.keys().cloned()).collect()
    }

    /// The fields of an object that anybody ever wrote.
    pub fn fields(&self, object: &ObjectId) -> Vec<String> {
        let places = self.of.keys().filter(|(of, _)| of == object);
        places.map(|(_, field)| field.clone()).collect()
    }

    /// Returns true if the field need not be the same everywhere.
    pub fn is_kept_from_others(&self, field: &str) -> bool {
        self.lossy_between && is_lost(field)
    }

    /// What a field says at each server that has the object, and can hold the field.
    pub fn words(&self, object: &ObjectId, field: &str) -> BTreeSet<Word> {
        let holding = self.here.iter().zip(&self.lossy).filter(|(_, lossy)| !(**lossy && is_lost(field)));
        holding.filter_map(|(here, _)| here.get(object)).map(|seen| seen.word(field)).collect()
    }

    /// Says whether everything of an object stands at the first server as it came from, or went to, the second.
    pub fn is_known_alike(&self, nodes: [usize; 2], object: &ObjectId) -> bool {
        let [here, there] = nodes.map(|node| &self.at[node]);
        let lossy = nodes.iter().any(|node| self.lossy[*node]);
        let places = self.of.keys().filter(|(of, field)| of == object && !(lossy && is_lost(field)));
        let mut alike = places.map(|place| here.get(place).is_some() && here.get(place) == there.get(place));
        alike.all(|alike| alike)
    }

    /// Somebody decided at a server about an object of which the parent had `theirs`. What did not hold is replaced by what
    /// did.
    pub fn decided(&mut self, node: usize, object: &ObjectId, theirs: &Seen, after: Snapshot) -> Option<String> {
        let mut wrong = None;
        let known: BTreeSet<String> = self.fields(object).into_iter().chain(theirs.fields.keys().cloned()).collect();
        for field in known {
            let place = (object.clone(), field);
            let (held, word) = (after[object].word(&place.1), theirs.word(&place.1));
            let ours = self.here[node][object].word(&place.1);
            let own = self.at[node].get(&place).copied();
            let other =
                self.of.get(&place).into_iter().flatten().rev().find(|one| self.versions[**one].word == word).copied();
            if held == ours && held != word {
                other.into_iter().for_each(|other| self.decide_against(other));
            } else if held == word && held != ours {
                own.into_iter().for_each(|own| self.decide_against(own));
                self.at[node].extend(other.map(|other| (place.clone(), other)));
            } else if held != word {
                wrong = Some(format!("server {node}: {object} {}: the decision made {held:?}", place.1));
            }
        }
        self.here[node] = after;
        wrong
    }

    fn decide_against(&mut self, version: usize) {
        let version = &mut self.versions[version];
        (version.superseded, version.decided_against) = (true, true);
    }

    /// What a copy of the server's database would have.
    pub fn held(&self, node: usize) -> Held {
        let strays = self.strays.iter().filter(|(at, _)| *at == node).map(|(_, object)| object.clone());
        Held { at: self.at[node].clone(), here: self.here[node].clone(), strays: strays.collect() }
    }

    /// A server goes on with a copy of a database. What it alone had since is lost, and what that had replaced stands again;
    /// what any other server has, or has something of that was written over it, is as acknowledged as before.
    pub fn went_on_with(&mut self, node: usize, held: Held) {
        self.at[node] = held.at;
        self.here[node] = held.here;
        self.strays.retain(|(at, _)| *at != node);
        self.strays.extend(held.strays.into_iter().map(|object| (node, object)));
        // A restored server does not remember what it was answered.
        self.unheard = true;
        let known = self.known();
        let replaced: BTreeSet<usize> = known.iter().filter_map(|version| self.versions[*version].over).collect();
        for (number, version) in self.versions.iter_mut().enumerate() {
            if !known.contains(&number) {
                version.fate = Fate::Lost;
            } else if version.superseded && !replaced.contains(&number) {
                if version.decided_against {
                    version.fate = Fate::Perhaps;
                } else {
                    version.superseded = false;
                }
            }
        }
    }

    /// What stands anywhere, and all that it was written over.
    fn known(&self) -> BTreeSet<usize> {
        let mut known = BTreeSet::new();
        for standing in self.at.iter().flat_map(BTreeMap::values) {
            let mut version = Some(*standing);
            while let Some(number) = version.filter(|number| known.insert(*number)) {
                version = self.versions[number].over;
            }
        }
        known
    }

    /// The same, of removed objects, too.
    pub fn texts(&self, object: &ObjectId, field: &str) -> BTreeSet<Word> {
        self.here.iter().filter_map(|here| here.get(object)).map(|seen| seen.text(field)).collect()
    }

    /// What nobody has replaced.
    pub fn standing(&self, object: &ObjectId, field: &str) -> Standing {
        let place = (object.clone(), field.to_string());
        let versions = self.of.get(&place).into_iter().flatten().map(|version| &self.versions[*version]);
        let replaced: BTreeSet<Word> =
            versions.clone().filter(|version| version.superseded).map(|version| version.word.clone()).collect();
        let versions = versions.filter(|version| version.fate != Fate::Lost);
        let stands = versions.clone().filter(|version| !version.superseded);
        let stands: BTreeSet<Word> = stands.map(|version| version.word.clone()).collect();
        let may_stand = versions.filter(|version| !version.superseded || version.fate == Fate::Perhaps);
        let possible: BTreeSet<Word> = may_stand.map(|version| version.word.clone()).collect();
        Standing { certain: stands.difference(&replaced).cloned().collect(), possible }
    }

    /// Returns true if a server lacks the object because a synchronization removed it there, which nobody asked for.
    pub fn is_stray(&self, object: &ObjectId) -> bool {
        self.strays.iter().any(|(_, stray)| stray == object)
    }
}

/// What a field may say in the end: what somebody wrote and nobody replaced.
pub struct Standing {
    /// Of these, those that nobody replaced anywhere: where the same was written twice and replaced once, nobody knows which of
    /// the two it was.
    pub certain: BTreeSet<Word>,
    pub possible: BTreeSet<Word>,
}

/// What a lossy server keeps nothing of: the addresses of patients.
pub fn is_lost(field: &str) -> bool {
    field.starts_with("address")
}

/// What became different: object, field, and what it says.
fn changed(before: &Snapshot, after: &Snapshot) -> Vec<(ObjectId, String, Word)> {
    let mut changed = Vec::new();
    for (object, seen) in after {
        let older = before.get(object);
        let fields: BTreeSet<&String> =
            seen.fields.keys().chain(older.into_iter().flat_map(|older| older.fields.keys())).collect();
        for field in fields.into_iter().map(String::as_str).chain([EXISTENCE]) {
            let word = seen.word(field);
            if older.map(|older| older.word(field)).as_ref() != Some(&word) {
                changed.push((object.clone(), field.to_string(), word));
            }
        }
    }
    changed
}
