//! See the invitations there are.

use super::row::{InvitationRow, invitation_fields};
use crate::{Authority, Env, Result, db::vars};
use model::{Scope, admin::Invitation};

/// More than these are not shown.
const LIST: &str = concat!(
    "SELECT ",
    invitation_fields!(),
    " FROM invitation ORDER BY id DESC LIMIT 1000"
);

/// The invitations, the newest first; also those that are used up, and for a while those that have ended.
///
/// # Errors
/// `scope_missing`.
pub async fn list_invitations(env: &Env, by: &Authority) -> Result<Vec<Invitation>> {
    by.require(Scope::Invitations)?;
    let rows: Vec<InvitationRow> = env.db.list(LIST, vars! {}).await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::Code;

    #[tokio::test]
    async fn who_may_not_invite_does_not_see_them() {
        let (env, _) = fixtures::env().await;
        let shop = fixtures::key(&env, &[Scope::UsersRead, Scope::AuditRead]);
        assert_eq!(refusal(list_invitations(&env, &shop).await), Code::ScopeMissing);
    }

    #[tokio::test]
    async fn the_list_reads_no_more_than_it_shows() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(LIST, vars! {}).await;
        assert!(plan.contains("Backward") && !plan.contains("Sort"), "{plan}");
    }
}
