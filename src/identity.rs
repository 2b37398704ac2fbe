//! Which node this server is. Its id is in the database, and in a file of the data directory that the host program gives.
//! When the two differ one of them was copied, and another server may be the same node: nothing is pulled or pushed then
//! until an administrator has chosen.

use std::fs::{self, File};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::event::is_object_uuid;

/// The file in the data directory: the node's id and a line feed.
const FILE_NAME: &str = "sync2-node-id";

/// More than a node's id can have; of a file that is something else no more is read.
const LONGEST_ID: u64 = 256;

/// The choice of an administrator when the node's id in the database and that in the data directory differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeChoice {
    /// This server goes on as the node of its database.
    Adopt,
    /// This server becomes a new node, with a new id and a new epoch of its feed.
    Renew,
    /// As `Renew`, and its parent is the node of whose database this one is a copy.
    ChildOfCopy,
}

impl NodeChoice {
    /// The choice of that name in the HTTP API.
    ///
    /// Errors: `Configuration` when there is none.
    pub fn parse(name: &str) -> Result<NodeChoice> {
        match name {
            "adopt" => Ok(NodeChoice::Adopt),
            "renew" => Ok(NodeChoice::Renew),
            "childOfCopy" => Ok(NodeChoice::ChildOfCopy),
            _ => Err(Error::new(ErrorKind::Configuration, "choice: must be adopt, renew or childOfCopy")),
        }
    }
}

/// The result of comparing the two ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// They are the same, or there is no data directory.
    #[default]
    Settled,
    /// The file cannot be read or written: why. Runs go on.
    NotKept(String),
    /// They differ.
    Disputed {
        /// The id in the database.
        database: String,
        /// The content of the file.
        file: String,
    },
}

/// The node's id in the data directory, and whether it is that of the database. May be used from any thread; reads and
/// writes a small file.
pub(crate) struct Identity {
    /// Nothing when the host program gives no data directory.
    file: Option<PathBuf>,
    standing: Mutex<Standing>,
}

impl Identity {
    /// Of the server with that data directory. Reads nothing yet.
    pub(crate) fn new(data_directory: Option<&Path>) -> Identity {
        Identity { file: data_directory.map(|directory| directory.join(FILE_NAME)), standing: Mutex::default() }
    }

    /// Returns true if there is a place for the node's id beside the database.
    pub(crate) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Compares the id that the database has, which must be committed, with that in the file. The first time there is no
    /// file, and it is written.
    ///
    /// Errors: `Configuration` when they differ.
    pub(crate) fn check(&self, database: &str) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let standing = compare(file, database);
        *self.standing() = standing;
        self.refuse_dispute()
    }

    /// As [`check`](Identity::check), with what is known of the database. While the ids differ the file is read again: somebody
    /// may have put it right.
    pub(crate) fn check_known(&self) -> Result<()> {
        let standing = self.standing().clone();
        match standing {
            Standing::Disputed { database, .. } => self.check(&database),
            Standing::Settled | Standing::NotKept(_) => Ok(()),
        }
    }

    /// Writes the id that the database has by somebody's choice into the file.
    ///
    /// Errors: `Host` when it cannot be written; then the choice is to be made again.
    pub(crate) fn settle(&self, database: &str) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if let Err(error) = write(file, database) {
            *self.standing() = compare(file, database);
            return Err(Error::new(ErrorKind::Host, format!("{}; then choose again", not_kept(file, &error))));
        }
        *self.standing() = Standing::Settled;
        Ok(())
    }

    /// Returns a sentence about what an administrator should know and do; nothing when all is well. In memory.
    pub(crate) fn problem(&self) -> Option<String> {
        match &*self.standing() {
            Standing::Settled => None,
            Standing::NotKept(why) => Some(why.clone()),
            Standing::Disputed { database, file } => Some(self.dispute(database, file)),
        }
    }

    fn refuse_dispute(&self) -> Result<()> {
        match &*self.standing() {
            Standing::Disputed { database, file } => {
                Err(Error::new(ErrorKind::Configuration, self.dispute(database, file)))
            }
            Standing::Settled | Standing::NotKept(_) => Ok(()),
        }
    }

    fn dispute(&self, database: &str, file: &str) -> String {
        let path = self.file.as_deref().unwrap_or(Path::new(FILE_NAME)).display();
        let found =
            if is_object_uuid(file) { format!("the node {file}") } else { "no node that can be read".to_string() };
        format!(
            "by its database this server is the node {database}, and by the file {path} {found}: the database or the data \
             directory was copied from another server or another time, and nothing is pulled or pushed until somebody \
             chooses. POST …/sync2/node {{\"choice\": \"adopt\"}} where this server goes on as the node of its database; \
             {{\"choice\": \"renew\"}} where another server is that node, so that this one becomes a new one; \
             {{\"choice\": \"childOfCopy\"}} where that server is this one's parent, and this database a copy of its"
        )
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn compare(file: &Path, database: &str) -> Standing {
    match read(file) {
        Ok(kept) if kept == database => Standing::Settled,
        Ok(kept) => Standing::Disputed { database: database.to_string(), file: kept },
        Err(error) if error.kind() == IoKind::NotFound => match write(file, database) {
            Ok(()) => Standing::Settled,
            Err(error) => Standing::NotKept(not_kept(file, &error)),
        },
        Err(error) => Standing::NotKept(not_kept(file, &error)),
    }
}

fn not_kept(file: &Path, error: &std::io::Error) -> String {
    format!(
        "the node's id cannot be kept in {} ({error}), so that a copied database would not be noticed: let this server read \
         and write that file",
        file.display()
    )
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut content = Vec::new();
    File::open(file)?.take(LONGEST_ID).read_to_end(&mut content)?;
    Ok(String::from_utf8_lossy(&content).trim().to_string())
}

/// As a whole or not at all: a file that a kill left half written would be another node's.
fn write(file: &Path, id: &str) -> std::io::Result<()> {
    let half_written = file.with_file_name(format!("{FILE_NAME}.{}", Uuid::new_v4()));
    let written = write_new(&half_written, id).and_then(|()| fs::rename(&half_written, file));
    if written.is_err() {
        // It matters why it could not be written.
        let _ = fs::remove_file(&half_written);
    }
    written
}

fn write_new(file: &Path, id: &str) -> std::io::Result<()> {
    let mut created = File::create_new(file)?;
    created.write_all(format!("{id}\n").as_bytes())?;
    created.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty directory of this test's own.
    fn directory(test: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("sync2-identity-{test}-{}", Uuid::new_v4()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn kept(directory: &Path) -> String {
        fs::read_to_string(directory.join(FILE_NAME)).unwrap()
    }

    #[test]
    fn the_first_id_is_written_and_compared_from_then_on() {
        let directory = directory("first");
        let identity = Identity::new(Some(&directory));
        identity.check("node-1").unwrap();
        assert_eq!(kept(&directory), "node-1\n");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        identity.check("node-1").unwrap();
        assert_eq!(identity.problem(), None);

        let copied = Identity::new(Some(&directory));
        let refused = copied.check("node-2").unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Configuration);
        for told in ["node-1", "node-2", "adopt", "renew", FILE_NAME] {
            assert!(refused.message.contains(told), "{told} is missing in {refused}");
        }
        assert_eq!(copied.problem(), Some(refused.message));
        assert_eq!(kept(&directory), "node-1\n");
    }

    #[test]
    fn a_choice_is_written_and_a_file_that_was_put_right_is_seen() {
        let directory = directory("choice");
        fs::write(directory.join(FILE_NAME), "").unwrap();
        let identity = Identity::new(Some(&directory));
        assert!(identity.check("node-1").unwrap_err().message.contains("no node that can be read"));
        assert!(identity.check_known().is_err());
        identity.settle("node-1").unwrap();
        assert_eq!((kept(&directory).as_str(), identity.problem()), ("node-1\n", None));

        fs::write(directory.join(FILE_NAME), "node-2").unwrap();
        assert!(identity.check("node-1").is_err());
        fs::write(directory.join(FILE_NAME), "node-1").unwrap();
        identity.check_known().unwrap();
        assert_eq!(identity.problem(), None);
    }

    #[test]
    fn where_nothing_can_be_kept_it_is_said_and_runs_go_on() {
        let missing = directory("missing").join("not there");
        let identity = Identity::new(Some(&missing));
        identity.check("node-1").unwrap();
        let problem = identity.problem().unwrap();
        assert!(problem.contains(FILE_NAME) && problem.contains("cannot be kept"), "{problem}");
        assert_eq!(identity.settle("node-1").unwrap_err().kind, ErrorKind::Host);

        let nowhere = Identity::new(None);
        nowhere.check("node-1").unwrap();
        nowhere.settle("node-2").unwrap();
        assert_eq!(nowhere.problem(), None);
    }

    #[test]
    fn only_three_things_can_be_chosen() {
        assert_eq!(NodeChoice::parse("adopt").unwrap(), NodeChoice::Adopt);
        assert_eq!(NodeChoice::parse("renew").unwrap(), NodeChoice::Renew);
        assert_eq!(NodeChoice::parse("childOfCopy").unwrap(), NodeChoice::ChildOfCopy);
        assert_eq!(NodeChoice::parse("Adopt").unwrap_err().kind, ErrorKind::Configuration);
    }
}
