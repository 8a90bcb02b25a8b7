//! Who may sign up.

use crate::{Authority, Env, Result, audit, db::vars};
use model::RegistrationPolicy;

const GET: &str = "SELECT VALUE value FROM ONLY policy:registration";
const SET: &str = "
    UPSERT policy:registration SET value = $policy;
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// The policy; everybody may sign up until somebody says otherwise.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn registration_policy(env: &Env) -> Result<RegistrationPolicy> {
    let value: Option<String> = env.db.find(GET, vars! {}).await?;
    Ok(named(value.as_deref()))
}

/// The policy of that name. A name that this Roost does not know lets nobody in.
pub(crate) fn named(value: Option<&str>) -> RegistrationPolicy {
    match value {
        None => RegistrationPolicy::Open,
        Some(name) => name.parse().unwrap_or(RegistrationPolicy::Closed),
    }
}

/// Changes the policy. Who has a code already may finish.
///
/// # Errors
/// `scope_missing` for every API key.
pub async fn set_registration_policy(env: &Env, by: &Authority, policy: RegistrationPolicy) -> Result<()> {
    by.require_person()?;
    if registration_policy(env).await? == policy {
        return Ok(());
    }
    let entry = audit::record(
        env,
        by,
        "registration.policy",
        None,
        "registration",
        policy.as_str().into(),
    );
    let binds = vars! { policy: policy.as_str(), audit_id: entry.id, audit: entry.row };
    env.db.transact::<bool>(SET, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::{Code, Scope};

    #[tokio::test]
    async fn it_is_open_until_a_person_closes_it() {
        let (env, _) = fixtures::env().await;
        assert_eq!(
            registration_policy(&env).await.expect("reads"),
            RegistrationPolicy::Open
        );
        for policy in [
            RegistrationPolicy::Closed,
            RegistrationPolicy::Invite,
            RegistrationPolicy::Invite,
        ] {
            set_registration_policy(&env, &Authority::Machine, policy)
                .await
                .expect("sets");
            assert_eq!(registration_policy(&env).await.expect("reads"), policy);
        }
        let shop = fixtures::key(&env, Scope::ALL);
        let refused = set_registration_policy(&env, &shop, RegistrationPolicy::Open).await;
        assert_eq!(refusal(refused), Code::ScopeMissing);
        assert_eq!(
            fixtures::actions(&env).await,
            [
                "registration.policy registration by command line: invite",
                "registration.policy registration by command line: closed"
            ]
        );
    }
}
