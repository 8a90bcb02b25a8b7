//! Make a group.

use super::{
    get_conversation::get_conversation,
    happened::{Happened, append_event},
    who::{blocked_either_way, find_account},
};
use crate::{Actor, Env, Result, db::vars};
use model::{Code, Conversation, History, Rejection, limits};
use uuid::Uuid;

const CREATE: &str = concat!(
    "CREATE type::record('conversation', $conversation)
        SET kind = 'group', title = $title, history = $history, last_seq = 0, created_at = $now, updated_at = $now,
            touched_at = $now, opened_by = $nobody, members = array::len($members) + 1;
    CREATE type::record('membership', [$conversation, $me])
        SET conversation = $conversation, account = $me, role = 'owner', read_seq = 0, joined_at = $now;
    FOR $member IN $members {
        CREATE type::record('membership', [$conversation, $member])
            SET conversation = $conversation, account = $member, read_seq = 0, joined_at = $now;
    };
    ",
    append_event!("$made"),
    append_event!("$came"),
    "RETURN true;"
);

/// Makes a group of the actor, who owns it, and others. Its log begins with telling so.
///
/// # Errors
/// `invalid` on `title` or `members`, naming whoever is not there; `blocked` when there is a block between the actor and
/// one of them; `group_full`.
pub async fn create_group(
    env: &Env,
    actor: &Actor,
    title: &str,
    members: &[String],
    history: History,
) -> Result<Conversation> {
    let title = title_of(title)?;
    let members = all(env, actor, members).await?;
    let id = env.new_id();
    let me = actor.id().uuid();
    let binds = vars! {
        conversation: id,
        me: me,
        nobody: Uuid::nil(),
        title: title.clone(),
        history: word(history),
        members: members.clone(),
        made: Happened::new(env, "created").saying(title),
        came: Happened::new(env, "added").to(members),
        now: env.now().datetime(),
    };
    env.db.transact::<bool>(CREATE, binds).await?;
    get_conversation(env, actor, id.into()).await
}

/// A title as it is kept.
pub fn title_of(title: &str) -> Result<String> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = match title.chars().count() {
        0 => "A group needs a title.".to_owned(),
        n if n > limits::TITLE_MAX => format!("A title has at most {} characters.", limits::TITLE_MAX),
        _ if title.chars().any(char::is_control) => "A title can't contain control characters.".to_owned(),
        _ => return Ok(title),
    };
    Err(Rejection::field("title", why).into())
}

/// The column `history`.
pub const fn word(history: History) -> &'static str {
    match history {
        History::Joined => "joined",
        History::All => "all",
    }
}

/// All of these people, each once and without the actor.
async fn all(env: &Env, actor: &Actor, names: &[String]) -> Result<Vec<Uuid>> {
    if names.len() > limits::MEMBERS_MAX {
        return Err(Code::GroupFull.into());
    }
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        match find_account(env, name).await? {
            Some(id) => members.push(id),
            None => {
                return Err(Rejection::field("members", format!("There is nobody called “{name}” here.")).into());
            }
        }
    }
    members.sort_unstable();
    members.dedup();
    members.retain(|id| *id != actor.id().uuid());
    if members.is_empty() {
        return Err(Rejection::field("members", "A group needs somebody else.").into());
    }
    if members.len() >= limits::MEMBERS_MAX {
        return Err(Code::GroupFull.into());
    }
    let blocked = blocked_either_way(env, actor.id().uuid()).await?;
    if members.iter().any(|id| blocked.contains(id)) {
        let why = "Between you and one of these people there is a block.";
        return Err(Rejection::new(Code::Blocked).because(why).blame("members", why).into());
    }
    Ok(members)
}
