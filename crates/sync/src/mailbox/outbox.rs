//! When a letter counts as sent.

use model::{
    AccountId,
    mailbox::{Receipt, ReceiptState},
};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// How an order stands on the device that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// On this device alone: it can still be taken back for certain.
    Waiting,
    /// The server was told, or may have been: its answer was lost, or the receipt is on its way. It can not be taken back.
    Handed,
    /// Delivered, to some recipients at least; the receipt names the others.
    Sent,
    /// Nobody got it. The receipt says why.
    Refused,
    /// The server would not have the order at all, for this reason. Its text is kept as a draft to be mended.
    Denied(String),
    /// It was taken back before the server had it.
    Cancelled,
}

/// What a device knows of one of its orders.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Whether the order was deleted.
    pub deleted: bool,
    /// Whether it was put into any request so far. That has to be noted before the request leaves.
    pub tried: bool,
    /// The receipt, once it came.
    pub receipt: Option<&'a Receipt>,
    /// Why the server did not take it.
    pub denied: Option<&'a str>,
}

/// How an order stands. **Only a receipt makes it sent**: an answer to a request may be lost, and a receipt comes by the mailbox
/// itself until it is here.
#[must_use]
pub fn sending(known: Known<'_>) -> Sending {
    match (known.receipt, known.denied) {
        (Some(receipt), _) => match receipt.state {
            ReceiptState::Delivered => Sending::Sent,
            ReceiptState::Refused => Sending::Refused,
        },
        (None, Some(why)) => Sending::Denied(why.to_owned()),
        (None, None) if known.deleted => Sending::Cancelled,
        (None, None) if known.tried => Sending::Handed,
        (None, None) => Sending::Waiting,
    }
}

impl Sending {
    /// Whether its author may take it back.
    #[must_use]
    pub const fn can_be_cancelled(&self) -> bool {
        matches!(self, Self::Waiting)
    }

    /// Whether the device has to keep it: a copy of the mailbox with such an order may be thrown away only by its owner, after a
    /// question.
    #[must_use]
    pub const fn is_owed(&self) -> bool {
        matches!(self, Self::Waiting | Self::Handed | Self::Denied(_))
    }
}

/// The UUID of the letter that an order becomes, in all mailboxes in which it lies: made of who sent it and of the order's own.
///
/// A server that was restored from a backup delivers an order of the lost hours again when its author's device returns; the letter
/// then has the name that it had, so those who kept a copy have it once. Nobody can aim at another person's letters, because the
/// sender's account is part of it. (Version 8 of RFC 9562.)
#[must_use]
pub fn letter_uuid(sender: AccountId, order: Uuid) -> Uuid {
    let mut sum = Sha256::new();
    sum.update(b"roost letter");
    sum.update(sender.uuid().as_bytes());
    sum.update(order.as_bytes());
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(sum.finalize()) {
        *byte = from;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::mailbox::{DocId, Kind};

    fn known(receipt: Option<&Receipt>) -> Known<'_> {
        Known {
            deleted: false,
            tried: false,
            receipt,
            denied: None,
        }
    }

    #[test]
    fn an_order_is_sent_when_its_receipt_is_here_and_not_before() {
        let order = DocId::of(Kind::Order, Uuid::from_u128(1)).expect("has a UUID");
        let receipt = |state| Receipt {
            order: order.clone(),
            state,
            letter: None,
            refused: Vec::new(),
            seal: None,
        };
        assert_eq!(sending(known(None)), Sending::Waiting);
        let tried = Known {
            tried: true,
            ..known(None)
        };
        assert_eq!(sending(tried), Sending::Handed, "its answer may be lost");
        assert_eq!(sending(Known { deleted: true, ..tried }), Sending::Cancelled);
        let (good, bad) = (receipt(ReceiptState::Delivered), receipt(ReceiptState::Refused));
        assert_eq!(
            sending(Known {
                deleted: true,
                ..known(Some(&good))
            }),
            Sending::Sent,
            "too late to cancel"
        );
        assert_eq!(sending(known(Some(&bad))), Sending::Refused);
        let denied = Known {
            denied: Some("why"),
            ..tried
        };
        assert_eq!(sending(denied), Sending::Denied("why".to_owned()));
    }

    #[test]
    fn what_the_server_may_have_can_not_be_taken_back_and_what_it_has_not_can_not_be_dropped() {
        let all = [
            (Sending::Waiting, true, true),
            (Sending::Handed, false, true),
            (Sending::Denied(String::new()), false, true),
            (Sending::Sent, false, false),
            (Sending::Refused, false, false),
            (Sending::Cancelled, false, false),
        ];
        for (sending, cancel, owed) in all {
            assert_eq!(
                (sending.can_be_cancelled(), sending.is_owed()),
                (cancel, owed),
                "{sending:?}"
            );
        }
    }

    #[test]
    fn the_same_order_becomes_the_same_letter_and_nobody_elses() {
        let (ada, grace) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let order = Uuid::from_u128(7);
        assert_eq!(letter_uuid(ada, order), letter_uuid(ada, order));
        assert_ne!(letter_uuid(ada, order), letter_uuid(grace, order));
        assert_ne!(letter_uuid(ada, order), letter_uuid(ada, Uuid::from_u128(8)));
        assert_eq!(letter_uuid(ada, order).get_version_num(), 8);
    }
}
