//! What can go wrong at the face of the runtime, one enum per boundary, each with a stable code.

use std::path::PathBuf;

use routewright_engine::{migration::MigrationRefusal, refusal::Refusal};
use routewright_flows::Words;

use crate::documents::{DocumentKind, Expect};

/// The runtime could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be used.
    #[error("the data directory '{}' cannot be used: {source}; check that it exists and may be written", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("the data directory '{}' is in use by another process: stop that one first, or choose another directory", path.display())]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// The store is not ours, or not sound, or of a newer version.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored document cannot be understood by this version.
    #[error(
        "document {kind} '{id}' of tenant '{tenant}' cannot be read: {message}; repair it with the version that wrote it"
    )]
    Document {
        /// Whose.
        tenant: String,
        /// Its kind.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// Why.
        message: String,
    },
    /// A secret was sealed by a key that was not given.
    #[error(
        "secret '{id}' of tenant '{tenant}' is sealed by a key that was not given: start with the keys that the server had, or restore a backup of before"
    )]
    Shut {
        /// Whose.
        tenant: String,
        /// Its name.
        id: String,
    },
    /// A thread could not be started.
    #[error("a thread cannot be started: {0}; check the limits on threads and memory")]
    Thread(std::io::Error),
}

/// The store failed. When it failed to write, nothing may be acknowledged any more.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the store cannot {doing}: {message}")]
    Failed {
        /// What it was doing, as a verb phrase.
        doing: &'static str,
        /// What it said.
        message: String,
    },
    /// A file of somebody else, or of a newer version.
    #[error("the file is not a store of this version: {0}")]
    Foreign(String),
    /// A promise of the store does not hold on this machine.
    #[error("the store does not hold a promise it must hold: {0}")]
    Promise(String),
    /// A row cannot be understood.
    #[error("{what} is damaged: {message}; restore a backup, or export what can be read")]
    Damaged {
        /// Which row.
        what: String,
        /// Why.
        message: String,
    },
}

/// A backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("'{}' holds no store: name the data directory of a server", directory.display())]
    NoStore {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A file is never written over.
    #[error("'{}' exists already: choose another file", file.display())]
    Exists {
        /// Which.
        file: PathBuf,
    },
    /// The file cannot be written.
    #[error("'{}' cannot be written: {source}; check its directory and the room on its disk", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store cannot be read, or the copy not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy was read through and is not sound, so neither is the store.
    #[error("the copy is not sound ({finding}), hence the store is not: restore an earlier backup")]
    Unsound {
        /// The first thing that is wrong.
        finding: String,
    },
}

impl BackupError {
    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        let fr = match self {
            Self::NoStore { directory } => {
                let directory = directory.display();
                format!("« {directory} » ne contient pas de magasin : indiquez le répertoire de données d’un serveur")
            }
            Self::Exists { file } => format!("« {} » existe déjà : choisissez un autre fichier", file.display()),
            Self::File { file, source } => {
                let file = file.display();
                format!("« {file} » ne peut être écrit : {source} ; vérifiez son répertoire et la place sur le disque")
            }
            Self::Store(error) => format!("le magasin ne peut être copié : {error}"),
            Self::Unsound { finding } => format!(
                "la copie n’est pas saine ({finding}), donc le magasin non plus : restaurez une sauvegarde antérieure"
            ),
        };
        Words::new(self.to_string(), fr)
    }
}

/// An input was not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SubmitError {
    /// It was refused and changed nothing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The shard has stopped; whether this input was kept is known after the restart. Repeating it is safe.
    #[error("the shard has stopped: repeat the request once the service is back")]
    Stopped,
    /// More inputs wait than may; this one was not taken.
    #[error("too many inputs are waiting: repeat the request in a moment")]
    Overloaded,
}

impl SubmitError {
    /// The stable code of problem details.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Stopped => "stopped",
            Self::Overloaded => "overloaded",
        }
    }
}

/// Documents were not written; none of the transaction was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// Somebody else changed it in between.
    #[error(
        "{kind} '{id}' is not what was expected ({expected:?}; it is at {found:?}): read it again, then repeat the change"
    )]
    Conflict {
        /// Its kind.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// What the writer believed.
        expected: Expect,
        /// The revision found, when it exists.
        found: Option<u64>,
    },
    /// Its body does not have the shape of its kind.
    #[error("{kind} '{id}' does not have the shape of its kind: {message}")]
    Invalid {
        /// Its kind.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// What is wrong, and where.
        message: String,
    },
    /// Contacts in flight would have no place in the version that they are to go on in.
    #[error(transparent)]
    Migration(#[from] Box<MigrationRefusal>),
    /// More changes than one transaction takes.
    #[error("{given} changes in one transaction; at most {max} are taken: split them")]
    TooMany {
        /// How many.
        given: usize,
        /// The bound.
        max: usize,
    },
    /// The shard has stopped.
    #[error("the shard has stopped: repeat the request once the service is back")]
    Stopped,
    /// More inputs wait than may.
    #[error("too many inputs are waiting: repeat the request in a moment")]
    Overloaded,
}

impl WriteError {
    /// The stable code of problem details.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "revision-conflict",
            Self::Invalid { .. } => "invalid-document",
            Self::Migration(_) => "migration-refused",
            Self::TooMany { .. } => "too-many-changes",
            Self::Stopped => "stopped",
            Self::Overloaded => "overloaded",
        }
    }
}

/// Something could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime was closed.
    #[error("the runtime has been closed")]
    Closed,
}

/// A job on a script thread did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ScriptThreadError {
    /// It panicked: a fault of ours, not of the script's author.
    #[error("the job failed inside: {0}; this is a fault of Routewright, please report it")]
    Panicked(String),
    /// No thread could be started.
    #[error("a thread cannot be started: {0}; check the limits on threads and memory")]
    Thread(std::io::Error),
    /// The runtime was closed.
    #[error("the runtime has been closed")]
    Closed,
}
