//! A mail as a message (RFC 5322) in an envelope (RFC 5321).

use crate::mailer::{Rendered, render};
use domain::mail::Claimed;
use lettre::{
    Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use std::{error::Error, time::SystemTime};

/// What an SMTP server is given.
pub struct Letter {
    /// From whom and to whom.
    pub envelope: Envelope,
    /// The message.
    pub message: Vec<u8>,
}

/// Makes the message of a mail. It is the same message at every try: same name, same date, same parts.
///
/// # Errors
/// When the address can't be written in an envelope.
pub fn letter(from: &Mailbox, mail: &Claimed) -> Result<Letter, Box<dyn Error + Send + Sync>> {
    let Rendered {
        subject, text, html, ..
    } = render(&mail.mail)?;
    // RFC 3834: so that answering machines do not answer.
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    let boundary = format!("roost-{}", mail.id);
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::html(html));
    let message = Message::builder()
        .from(from.clone())
        .to(mail.to.parse()?)
        .subject(subject)
        .date(SystemTime::from(mail.created_at.datetime()))
        .message_id(Some(format!("<{}>", mail.message_id)))
        .raw_header(automatic)
        .multipart(parts)?;
    Ok(Letter {
        envelope: message.envelope().clone(),
        message: message.formatted(),
    })
}
