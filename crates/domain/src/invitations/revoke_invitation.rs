//! Withdraw an invitation.

use crate::{Authority, Env, Result, audit, db::vars};
use model::{Code, InvitationId, Scope};

const NOTE: &str = "SELECT VALUE note FROM ONLY type::record('invitation', $id)";
const REVOKE: &str = "
    LET $gone = (DELETE type::record('invitation', $id) RETURN BEFORE);
    IF array::len($gone) = 0 { THROW 'not_found' };
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// Ends an invitation, also for those who signed up with it and have not set their password yet. Who came with it stays.
///
/// # Errors
/// `not_found`; `scope_missing`.
pub async fn revoke_invitation(env: &Env, by: &Authority, id: InvitationId) -> Result<()> {
    by.require(Scope::Invitations)?;
    let note: Option<String> = env.db.find(NOTE, vars! { id: id.uuid() }).await?;
    let note = note.ok_or(Code::NotFound)?;
    let entry = audit::record(env, by, "invitation.revoke", None, &note, String::new());
    let binds = vars! { id: id.uuid(), audit_id: entry.id, audit: entry.row };
    env.db.transact::<bool>(REVOKE, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{self, refusal},
        invitations::{create_invitation, list_invitations},
    };
    use model::admin::CreateInvitation;

    #[tokio::test]
    async fn a_withdrawn_invitation_is_gone_and_the_log_says_which_it_was() {
        let (env, _) = fixtures::env().await;
        let command = CreateInvitation {
            note: "Book club".into(),
            uses: None,
            days: None,
            email: None,
        };
        let made = create_invitation(&env, &Authority::Machine, command)
            .await
            .expect("makes");
        let id = made.invitation.id;
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        assert_eq!(refusal(revoke_invitation(&env, &shop, id).await), Code::ScopeMissing);
        revoke_invitation(&env, &Authority::Machine, id).await.expect("revokes");
        assert_eq!(
            refusal(revoke_invitation(&env, &Authority::Machine, id).await),
            Code::NotFound
        );
        assert!(
            list_invitations(&env, &Authority::Machine)
                .await
                .expect("lists")
                .is_empty()
        );
        assert_eq!(
            fixtures::actions(&env).await[0],
            "invitation.revoke Book club by command line"
        );
    }
}
