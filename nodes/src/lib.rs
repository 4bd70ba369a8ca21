//! The vocabulary: one file per node type, each with its documentation, examples, behaviour and tests.
//!
//! A type sees an interaction through [`Turn`](routewright_engine::node::Turn) alone: no store, no socket, no clock.
//! To add one, write its file after the model of [`send_message`] or [`menu`] and add one line to [`standard`];
//! [`conformance`] judges it, and [`pages`] writes its page.

mod answers;
mod appointments;
mod asking;
mod calling;
mod choosing;
mod comparing;
mod config;
mod folding;
mod inputs;
mod queueing;

pub mod ask;
pub mod menu;
pub mod rich_message;
pub mod send_message;
pub mod send_template;
pub mod survey;

pub mod branch;
pub mod business_hours;
pub mod check_queue;
pub mod lookup;
pub mod run_script;
pub mod set_attributes;
pub mod split;
pub mod switch;

pub mod elevate;
pub mod enqueue;
pub mod escalate;
pub mod offer_callback;
pub mod overflow;
pub mod prefer_agent;
pub mod relax;
pub mod require_skills;
pub mod set_priority;
pub mod transfer;

pub mod emit_event;
pub mod http_request;
pub mod send_mail;

pub mod remind;
pub mod set_sla;
pub mod wait;

pub mod goto_flow;
pub mod loop_;
pub mod subflow;

pub mod close;
pub mod set_disposition;
pub mod wrap_up;

pub mod foreign;

pub mod conformance;
pub mod pages;

#[cfg(test)]
mod testing;

use routewright_engine::node::Registry;

/// Every standard node type.
#[must_use]
pub fn standard() -> Registry {
    Registry::default()
        .add::<send_message::SendMessage>()
        .add::<send_template::SendTemplate>()
        .add::<rich_message::RichMessage>()
        .add::<menu::Menu>()
        .add::<ask::Ask>()
        .add::<survey::Survey>()
        .add::<business_hours::BusinessHours>()
        .add::<branch::Branch>()
        .add::<switch::Switch>()
        .add::<split::Split>()
        .add::<check_queue::CheckQueue>()
        .add::<lookup::Lookup>()
        .add::<set_attributes::SetAttributes>()
        .add::<run_script::RunScript>()
        .add::<require_skills::RequireSkills>()
        .add::<set_priority::SetPriority>()
        .add::<prefer_agent::PreferAgent>()
        .add::<relax::Relax>()
        .add::<overflow::Overflow>()
        .add::<enqueue::Enqueue>()
        .add::<escalate::Escalate>()
        .add::<transfer::Transfer>()
        .add::<elevate::Elevate>()
        .add::<offer_callback::OfferCallback>()
        .add::<wait::Wait>()
        .add::<remind::Remind>()
        .add::<set_sla::SetSla>()
        .add::<http_request::HttpRequest>()
        .add::<send_mail::SendMail>()
        .add::<emit_event::EmitEvent>()
        .add::<subflow::Subflow>()
        .add::<goto_flow::GotoFlow>()
        .add::<loop_::Loop>()
        .add::<set_disposition::SetDisposition>()
        .add::<wrap_up::WrapUp>()
        .add::<close::Close>()
        .add::<foreign::Foreign>()
}
