//! One attempt to hand an e-mail to a mail server.
//!
//! The server's address is a secret that an administrator stored, never an author's words, so a server in the centre's
//! own network is as good as any.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use routewright_engine::call::{CallAnswer, CallFailure, MailCall};
use routewright_runtime::calls::CallOrder;

use crate::Attempt;

/// Tries once. The one who tries keeps the time.
pub(crate) async fn attempt(call: &MailCall, order: &CallOrder) -> Attempt {
    let message = match message(call, order) {
        Ok(message) => message,
        Err(why) => return Attempt::never(CallFailure::Invalid, why),
    };
    let server = match order.secret(&call.server) {
        Ok(server) => server,
        Err(name) => return Attempt::never(CallFailure::UnknownSecret, format!("secret '{name}' does not exist")),
    };
    let transport = match AsyncSmtpTransport::<Tokio1Executor>::from_url(server) {
        Ok(builder) => builder.build(),
        // Its words could hold the password.
        Err(_) => {
            let expected = "the secret is not the address of a mail server: expected smtps://user:password@host";
            return Attempt::never(CallFailure::Invalid, expected);
        }
    };
    match transport.send(message).await {
        Ok(_) => Attempt::done(CallAnswer::Accepted {}),
        Err(error) if error.is_permanent() => Attempt::never(CallFailure::Refused, error),
        Err(error) if error.is_timeout() => Attempt::again(CallFailure::Timeout, error),
        Err(error) => Attempt::again(CallFailure::Unreachable, error),
    }
}

fn message(call: &MailCall, order: &CallOrder) -> Result<Message, String> {
    let from = mailbox(&call.from)?;
    let domain = from.email.domain().to_owned();
    let mut message = Message::builder().from(from).subject(&call.subject);
    for receiver in &call.to {
        message = message.to(mailbox(receiver)?);
    }
    if let Some(reply_to) = &call.reply_to {
        message = message.reply_to(mailbox(reply_to)?);
    }
    message
        .message_id(Some(format!("<{}.{}@{domain}>", order.tenant, order.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(call.text.clone())
        .map_err(|error| error.to_string())
}

fn mailbox(address: &str) -> Result<Mailbox, String> {
    address.trim().parse().map_err(|error| format!("'{address}' is not an e-mail address: {error}"))
}
