//! Shows people what only they see: a conversation that is new to them, or that they keep otherwise, and whom they block.
//! It takes one errand after the other, beside the feed: a group of a thousand newcomers holds up nobody's messages.

use super::hub::Hub;
use domain::{Result, conversations};
use model::{AccountId, ConversationId, realtime::ServerFrame};
use tokio::sync::mpsc;

/// Something to show somebody.
#[derive(Clone, Copy, Debug)]
pub enum Errand {
    /// A conversation, as they see it.
    Show {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        account: AccountId,
        /// Whether to tell them when it is not in their list.
        or_gone: bool,
    },
    /// Whom somebody blocks.
    Blocks {
        /// Who.
        by: AccountId,
    },
}

impl Errand {
    /// Show somebody a conversation.
    pub const fn show(conversation: ConversationId, account: AccountId, or_gone: bool) -> Self {
        Self::Show {
            conversation,
            account,
            or_gone,
        }
    }

    const fn whom(self) -> AccountId {
        match self {
            Self::Show { account, .. } | Self::Blocks { by: account } => account,
        }
    }
}

/// Runs errands, in order.
pub struct Usher {
    hub: Hub,
    errands: mpsc::UnboundedSender<Errand>,
}

impl Usher {
    /// Ready to run.
    pub fn new(hub: Hub) -> Self {
        let (errands, mut waiting) = mpsc::unbounded_channel();
        let own = hub.clone();
        tokio::spawn(async move {
            while let Some(errand) = waiting.recv().await {
                if let Err(error) = run(&own, errand).await {
                    tracing::warn!(%error, "could not show somebody what changed for them");
                }
            }
        });
        Self { hub, errands }
    }

    /// Leaves an errand for later; none where nobody listens.
    pub fn send(&self, errand: Errand) {
        if self.hub.anybody(&[errand.whom()]) {
            let _ = self.errands.send(errand);
        }
    }

    /// Runs an errand now.
    ///
    /// # Errors
    /// Only when the database can't be asked.
    pub async fn run(&self, errand: Errand) -> Result<()> {
        run(&self.hub, errand).await
    }
}

async fn run(hub: &Hub, errand: Errand) -> Result<()> {
    let account = errand.whom();
    if !hub.anybody(&[account]) {
        return Ok(());
    }
    match errand {
        Errand::Blocks { by } => {
            let users = conversations::blocked_by(hub.env(), by).await?;
            hub.send(&[account], &ServerFrame::Blocks { users });
        }
        Errand::Show {
            conversation, or_gone, ..
        } => {
            if !show(hub, account, conversation).await? && or_gone {
                hub.send(&[account], &ServerFrame::ConversationGone { conversation });
                // A message that brought it back meanwhile may have been told before that.
                show(hub, account, conversation).await?;
            }
        }
    }
    Ok(())
}

/// Shows somebody a conversation, when it is in their list.
async fn show(hub: &Hub, account: AccountId, conversation: ConversationId) -> Result<bool> {
    let view = conversations::view_of(hub.env(), account, conversation).await?;
    let is_there = view.is_some();
    if let Some(conversation) = view {
        hub.send(&[account], &ServerFrame::Conversation { conversation });
    }
    Ok(is_there)
}
