//! What is done with letters, and undone.

use super::{
    mailbox::{MailTrouble, Mailbox, Mark},
    place,
    post::{Post, Undo},
    window::neighbour,
};
use leptos::{prelude::*, task::spawn_local};
use model::mailbox::{Folder, LetterLine, Shelf};
use std::sync::Arc;
use uuid::Uuid;

/// So many letters are asked for at once when all of a list are chosen: of the copy, and of the server.
const GULPS: [u64; 2] = [1_000, 100];

/// What is said when something was done with so many letters.
fn said(mark: &Mark, count: usize) -> Option<String> {
    let what = match mark {
        Mark::Move(Folder::Archive) => "archived",
        Mark::Move(Folder::Trash) => "moved to the trash",
        Mark::Move(Folder::Inbox) => "moved to the inbox",
        Mark::Move(Folder::Sent) => "moved to the sent letters",
        Mark::Read(true) => "marked as read",
        Mark::Read(false) => "marked as unread",
        Mark::Star(_) if count == 1 => return None,
        Mark::Star(true) => "starred",
        Mark::Star(false) => "without a star",
        Mark::Label(label) => return Some(format!("{} labelled “{label}”", letters(count))),
        Mark::Unlabel(label) => return Some(format!("{} without “{label}”", letters(count))),
    };
    Some(format!("{} {what}", letters(count)))
}

/// So many letters, in words.
pub fn letters(count: usize) -> String {
    if count == 1 {
        "Letter".to_owned()
    } else {
        format!("{count} letters")
    }
}

/// Where a letter goes back to: what I wrote to the sent ones, all else to the inbox.
fn home(line: Option<LetterLine>, me: model::AccountId) -> Folder {
    let mine = line.is_some_and(|line| line.from.id == me && line.to.iter().all(|person| person.id != me));
    if mine { Folder::Sent } else { Folder::Inbox }
}

impl Post {
    /// The letters that a command is about: those that were chosen, or the open one, or the one with the focus.
    pub fn meant(self) -> Vec<Uuid> {
        let chosen = self.chosen.get_untracked();
        if !chosen.is_empty() {
            return chosen;
        }
        let one = self.open.get_untracked().or_else(|| self.cursor.get_untracked());
        one.into_iter().collect()
    }

    fn able(self) -> Option<Arc<dyn Mailbox>> {
        let mailbox = self.mailbox.get_untracked();
        if mailbox.is_none() {
            self.tell("The mailbox is still being opened on this device.", None);
        }
        mailbox
    }

    /// Marks letters; what was done can be undone.
    pub fn mark(self, ids: Vec<Uuid>, mark: Mark) {
        let Some(mailbox) = self.able().filter(|_| !ids.is_empty()) else {
            return;
        };
        let next = self.after(&ids, &mark);
        spawn_local(async move {
            match mailbox.mark(ids.clone(), mark.clone()).await {
                Ok(undo) if undo.is_empty() => {}
                Ok(undo) => {
                    if let Some(text) = said(&mark, undo.len()) {
                        self.tell(text, Some(Undo::Marks(undo)));
                    } else {
                        self.undo.set_value(Some(Undo::Marks(undo)));
                    }
                    if let Some(next) = next {
                        self.move_on(&ids, next);
                    }
                    self.refresh();
                }
                Err(trouble) => self.warn(&trouble),
            }
        });
    }

    /// Marks what is read as read, and says nothing of it.
    pub fn mark_read(self, ids: Vec<Uuid>) {
        if let Some(mailbox) = self.mailbox.get_untracked().filter(|_| !ids.is_empty()) {
            spawn_local(async move {
                // A letter that is not in the copy yet stays unread.
                if mailbox.mark(ids, Mark::Read(true)).await.is_ok() {
                    self.refresh();
                }
            });
        }
    }

    /// Whether letters leave the list by this, and who gets the focus then.
    fn after(self, ids: &[Uuid], mark: &Mark) -> Option<Option<Uuid>> {
        let Mark::Move(to) = mark else { return None };
        self.held.with_untracked(|held| {
            let held = held.as_ref()?;
            let leaves = match held.asked.shelf()? {
                Shelf::Folder(folder) => folder != to,
                _ => *to == Folder::Trash,
            };
            leaves.then(|| neighbour(&held.page.lines, ids))
        })
    }

    /// The letters are gone from the list: the next one gets the focus, and what was open closes.
    fn move_on(self, ids: &[Uuid], next: Option<Uuid>) {
        self.chosen.update(|chosen| chosen.retain(|id| !ids.contains(id)));
        self.cursor.set(next);
        self.wanted.set_value(next);
        if self.open.get_untracked().is_some_and(|open| ids.contains(&open)) {
            self.to_list();
        }
        if next.is_none() {
            crate::ui::focus("mail-list-title");
        }
    }

    /// Back from the letter to its list.
    pub fn to_list(self) {
        let path = self
            .held
            .with_untracked(|held| held.as_ref().map(|held| held.asked.path()));
        self.go(path.unwrap_or_else(|| place::Asked::Shelf(Shelf::Folder(Folder::Inbox)).path()));
    }

    /// Puts letters into the archive; from there, and from the trash, back to where they were.
    pub fn archive(self, ids: Vec<Uuid>) {
        let there = self.lies(&ids, Folder::Archive) || self.lies(&ids, Folder::Trash);
        self.put(ids, if there { None } else { Some(Folder::Archive) });
    }

    /// Throws letters away; from the trash, it takes them back.
    pub fn trash(self, ids: Vec<Uuid>) {
        let there = self.lies(&ids, Folder::Trash);
        self.put(ids, if there { None } else { Some(Folder::Trash) });
    }

    fn lies(self, ids: &[Uuid], folder: Folder) -> bool {
        ids.first()
            .and_then(|id| self.line(*id))
            .is_some_and(|line| line.folder == folder)
    }

    fn put(self, ids: Vec<Uuid>, folder: Option<Folder>) {
        let me = self.my_id();
        let folder = folder.unwrap_or_else(|| home(ids.first().and_then(|id| self.line(*id)), me));
        self.mark(ids, Mark::Move(folder));
    }

    /// Gives letters a star, or takes it when the first of them has one.
    pub fn star(self, ids: Vec<Uuid>) {
        let starred = ids
            .first()
            .and_then(|id| self.line(*id))
            .is_some_and(|line| line.starred);
        self.mark(ids, Mark::Star(!starred));
    }

    /// Takes back what was done last.
    pub fn undo(self) {
        let Some(undo) = self.undo.try_update_value(Option::take).flatten() else {
            self.tell("There is nothing to take back.", None);
            return;
        };
        let Some(mailbox) = self.able() else { return };
        spawn_local(async move {
            let done = match undo {
                Undo::Marks(marks) => {
                    let first = marks.first().map(|(id, _)| *id);
                    let done = unmark(&*mailbox, marks).await;
                    self.wanted.set_value(first);
                    done.map(|()| None)
                }
                Undo::Sent(order) => mailbox.take_back(order).await.map(Some),
                Undo::Draft(id, draft) => mailbox.save_draft(id, None, draft).await.map(|_| Some(id)),
            };
            match done {
                Ok(draft) => {
                    self.tell("Taken back.", None);
                    self.refresh();
                    if let Some(draft) = draft {
                        self.reopen(draft);
                    }
                }
                Err(trouble) => self.warn(&trouble),
            }
        });
    }

    /// Chooses a letter, or no longer.
    pub fn choose(self, id: Uuid) {
        self.chosen
            .update(|chosen| match chosen.iter().position(|one| *one == id) {
                Some(at) => _ = chosen.remove(at),
                None => chosen.push(id),
            });
    }

    /// Chooses every letter of the list, also those that are not in the page.
    pub fn choose_all(self) {
        let Some(asked) = self
            .held
            .with_untracked(|held| held.as_ref().map(|held| held.asked.clone()))
        else {
            return;
        };
        let gulp = GULPS[usize::from(self.copy().is_none())];
        spawn_local(async move {
            let mut all = Vec::new();
            loop {
                let skip = u64::try_from(all.len()).unwrap_or(u64::MAX);
                match self.part(&asked, skip, gulp).await {
                    Ok(page) if page.lines.is_empty() => break,
                    Ok(page) => {
                        all.extend(page.lines.iter().map(|line| line.id));
                        if u64::try_from(all.len()).is_ok_and(|count| count >= page.total) {
                            break;
                        }
                    }
                    Err(why) => return self.tell(why, None),
                }
            }
            self.chosen.set(all);
        });
    }
}

/// Puts letters back as they stood; those that stood alike go together.
async fn unmark(mailbox: &dyn Mailbox, marks: Vec<(Uuid, Mark)>) -> Result<(), MailTrouble> {
    let mut alike: Vec<(Mark, Vec<Uuid>)> = Vec::new();
    for (id, mark) in marks {
        match alike.iter_mut().find(|(known, _)| *known == mark) {
            Some((_, ids)) => ids.push(id),
            None => alike.push((mark, vec![id])),
        }
    }
    for (mark, ids) in alike {
        mailbox.mark(ids, mark).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::{line, person};

    #[test]
    fn what_i_wrote_goes_back_to_the_sent_letters_and_all_else_to_the_inbox() {
        let me = person(1).id;
        assert_eq!(home(Some(line(1)), me), Folder::Sent);
        assert_eq!(home(Some(line(1)), person(2).id), Folder::Inbox);
        let mut to_myself = line(1);
        to_myself.to = vec![person(1)];
        assert_eq!(home(Some(to_myself), me), Folder::Inbox);
    }

    #[test]
    fn what_was_done_is_told_for_one_and_for_many() {
        assert_eq!(
            said(&Mark::Move(Folder::Archive), 1).as_deref(),
            Some("Letter archived")
        );
        assert_eq!(
            said(&Mark::Read(false), 3).as_deref(),
            Some("3 letters marked as unread")
        );
        assert_eq!(said(&Mark::Star(true), 1), None, "it is seen");
        assert_eq!(
            said(&Mark::Label("work".into()), 2).as_deref(),
            Some("2 letters labelled “work”")
        );
    }
}
