//! The door over a real socket: a real server, a real store in a directory of its own, and nothing mocked.

mod agents;
mod catalogue;
mod command_line;
mod flows;
mod imports;
mod keys;
mod levels;
mod messaging;
mod node_types;
mod openapi;
mod overload;
mod process;
mod processes;
mod refusals;
mod rehearsals;
mod releases;
mod server;
mod service;
mod studio;
mod touchpoints;
mod webchat;
mod why;
