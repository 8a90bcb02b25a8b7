//! The audit log: who did what to whom, and when. A verb that acts for others writes its entry in its own
//! transaction ([`record`]).

mod list_audit;
mod record;

pub use list_audit::list_audit;
pub(crate) use record::{Entry, Row, record};
