//! The importer held to small examples of every format, and to the corpus of real exports where it is at hand.

mod corpus;
mod hostile;
mod samples;
mod small;
mod variants;
