//! Calls over real sockets: a web server and a mail server of our own, on this machine.

mod flow;
mod mail;
mod remote;
mod web;
