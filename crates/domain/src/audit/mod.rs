//! The audit log: who did what to whom, and when. A verb that acts for others writes its entry in its own
//! transaction ([`record`]).

mod record;

pub(crate) use record::{Entry, record};
