//! A letter that is being written: what its fields hold, and when it is kept.

use super::{
    files::{bytes_of, refused},
    mailbox::{DraftVersion, DraftView},
    post::{Post, use_post, words},
    post_drafts::Standing,
};
use crate::ui::{Pause, focus};
use leptos::{prelude::*, task::spawn_local};
use model::{
    Timestamp, limits,
    mailbox::{DocId, Draft, FileLine},
};
use std::time::Duration;
use uuid::Uuid;

/// So long after the last key a draft is kept.
const QUIET: Duration = Duration::from_millis(500);

/// The letter. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Writing {
    /// The draft's UUID: the same from the first key to the order.
    pub id: Uuid,
    /// What the mailbox knows.
    pub post: Post,
    /// Usernames.
    pub to: RwSignal<Vec<String>>,
    /// One line.
    pub subject: RwSignal<String>,
    /// The text.
    pub body: RwSignal<String>,
    /// Its files.
    pub files: RwSignal<Vec<FileLine>>,
    /// What other devices made of it.
    pub others: RwSignal<Vec<DraftVersion>>,
    /// Whether its fields are filled.
    pub ready: RwSignal<bool>,
    /// Whether it is there no more: sent, or thrown away.
    pub gone: RwSignal<bool>,
    /// What is wrong: a field, and why.
    pub problem: RwSignal<Option<(&'static str, String)>>,
    answers: StoredValue<Option<DocId>>,
    /// What it began with; left so, nothing of it is kept.
    begun: StoredValue<Option<Draft>>,
    touched: StoredValue<bool>,
    pause: Pause,
}

/// What two drafts have in common when only their time differs.
fn same(one: &Draft, other: &Draft) -> bool {
    let text = |draft: &Draft| {
        (
            draft.to.clone(),
            draft.subject.clone(),
            draft.body.clone(),
            draft.attachments.clone(),
        )
    };
    text(one) == text(other)
}

impl Writing {
    /// With empty fields.
    pub fn new(id: Uuid) -> Self {
        Self {
            id,
            post: use_post(),
            to: RwSignal::default(),
            subject: RwSignal::default(),
            body: RwSignal::default(),
            files: RwSignal::default(),
            others: RwSignal::default(),
            ready: RwSignal::new(false),
            gone: RwSignal::new(false),
            problem: RwSignal::new(None),
            answers: StoredValue::new(None),
            begun: StoredValue::new(None),
            touched: StoredValue::new(false),
            pause: Pause::new(QUIET),
        }
    }

    /// What the fields say.
    pub fn draft(self) -> Draft {
        let files = self.files.get_untracked();
        Draft {
            to: self.to.get_untracked(),
            subject: self.subject.get_untracked(),
            body: self.body.get_untracked(),
            in_reply_to: self.answers.get_value(),
            attachments: files.into_iter().map(|file| file.id).collect(),
            updated_at: now(),
        }
    }

    /// Fills the fields.
    pub fn fill(self, draft: &Draft, files: Vec<FileLine>) {
        self.to.set(draft.to.clone());
        self.subject.set(draft.subject.clone());
        self.body.set(draft.body.clone());
        self.files.set(files);
        self.answers.set_value(draft.in_reply_to.clone());
    }

    /// Finds the draft, or begins it. `then` is called when the fields are filled for the first time.
    pub fn open(self, then: impl Fn() + Copy + 'static) {
        let begun = self
            .post
            .begun
            .try_update_value(|begun| begun.take_if(|(id, _)| *id == self.id))
            .flatten();
        if let Some((_, draft)) = begun {
            // The files of a letter that is forwarded are known by it.
            let letters = self
                .post
                .reading
                .get_untracked()
                .map(|reading| reading.thread)
                .unwrap_or_default();
            let mut files: Vec<FileLine> = letters.into_iter().flat_map(|letter| letter.files).collect();
            files.retain(|file| draft.attachments.contains(&file.id));
            self.fill(&draft, files);
            if draft.in_reply_to.is_some() || !draft.body.is_empty() {
                // So that loading the page anew finds the answer.
                self.touch();
                self.begun.set_value(Some(self.draft()));
            }
            self.ready.set(true);
            then();
        }
        Effect::new(move || {
            let Some(mailbox) = self.post.mailbox.get() else { return };
            self.post.fresh.get();
            let seen = untrack(|| self.post.seen(self.id));
            spawn_local(async move {
                match mailbox.draft(self.id).await {
                    // What was kept while this was read is newer than it; it is looked at once more then.
                    Ok(_) if self.post.seen(self.id) != seen => {}
                    Ok(found) => self.found(found, then),
                    Err(trouble) => self.post.warn(&trouble),
                }
            });
        });
    }

    /// Takes the draft as it is kept, unless somebody just writes here.
    fn found(self, found: Option<DraftView>, then: impl Fn()) {
        let Some(ready) = self.ready.try_get_untracked() else {
            return;
        };
        let seen = self.post.seen(self.id);
        match found {
            Some(mut found) => {
                // What says the same is no other version to its author.
                found.others.retain(|other| !same(&other.draft, &found.shown.draft));
                let other = seen.as_ref() != Some(&found.shown.rev);
                if self.others.with_untracked(|others| *others != found.others) {
                    self.others.set(found.others);
                }
                if !ready {
                    // What an earlier screen wrote and is not on the disk yet is newer.
                    match self.post.pending(self.id) {
                        Some(pending) => self.fill(&pending, found.shown.files),
                        None if self.post.is_busy(self.id) => return,
                        None => {
                            self.fill(&found.shown.draft, found.shown.files);
                            self.post.saw(self.id, Some(found.shown.rev));
                        }
                    }
                } else if other && !self.owes() {
                    self.fill(&found.shown.draft, found.shown.files);
                    self.post.saw(self.id, Some(found.shown.rev));
                }
                self.gone.set(false);
            }
            // It was here, and is not any more: another window or device sent it, or threw it away.
            None if !self.owes() && (seen.is_some() || self.is_over()) => self.gone.set(true),
            None => {}
        }
        if !ready {
            self.ready.set(true);
            then();
        }
    }

    fn is_over(self) -> bool {
        untrack(|| self.post.standing(self.id)) == Standing::Over
    }

    /// Whether something of it is not on the disk.
    pub fn owes(self) -> bool {
        self.touched.try_get_value().unwrap_or_default() || self.post.owes(self.id)
    }

    /// Somebody typed: it is kept soon.
    pub fn touch(self) {
        self.touched.set_value(true);
        self.problem.set(None);
        self.post.typing(self.id);
        self.pause.then(move || self.keep());
    }

    /// The page may be gone in a moment.
    pub fn keep_at_once(self) {
        if self.owes() && !self.is_over() {
            // The same in both places, so that they are one version.
            let draft = self.draft();
            self.post.stash(self.id, &draft);
            if self.touched.try_update_value(std::mem::take) == Some(true) {
                self.post.keep(self.id, draft);
            }
        }
    }

    /// Keeps it now, if there is something to keep.
    pub fn keep(self) {
        if self.touched.try_update_value(std::mem::take) == Some(true) {
            self.post.keep(self.id, self.draft());
        }
    }

    /// Whoever wrote it goes elsewhere: an answer that is as it was begun leaves nothing behind.
    pub fn leave(self) {
        if self.is_as_begun() {
            self.touched.set_value(false);
            self.post.forget(self.id);
        } else {
            self.keep();
        }
    }

    /// Sends it, or says what is missing where it is missing.
    pub fn send(self) {
        let draft = self.draft();
        let problem = missing(&draft);
        if let Some((field, _)) = problem {
            self.problem.set(problem);
            focus(field);
            return;
        }
        self.touched.set_value(false);
        self.post.send(self.id, draft);
    }

    /// Throws it away.
    pub fn discard(self) {
        self.touched.set_value(false);
        self.post.discard(self.id, self.draft());
    }

    /// Takes files along.
    pub fn add(self, files: Vec<web_sys::File>) {
        let Some(mailbox) = self.post.mailbox.get_untracked() else {
            return self.problem.set(Some((
                "letter-files",
                "The mailbox is still being opened on this device.".to_owned(),
            )));
        };
        self.problem.set(None);
        spawn_local(async move {
            for file in files {
                let name = file.name();
                let others = self.files.try_with_untracked(Vec::len).unwrap_or_default();
                if let Some(why) = refused(&name, file.size(), others) {
                    _ = self.problem.try_set(Some(("letter-files", why)));
                    continue;
                }
                let kind = Some(file.type_()).filter(|kind| !kind.is_empty());
                let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
                let Some(bytes) = bytes_of(&file).await else {
                    _ = self
                        .problem
                        .try_set(Some(("letter-files", format!("“{name}” can’t be read."))));
                    continue;
                };
                match mailbox.add_file(name, kind, bytes).await {
                    Ok(line) => {
                        self.files.try_update(|files| {
                            if files.iter().all(|file| file.id != line.id) {
                                files.push(line);
                            }
                        });
                        self.touch();
                    }
                    Err(trouble) => _ = self.problem.try_set(Some(("letter-files", words(&trouble)))),
                }
            }
        });
    }

    /// Makes this the only version.
    pub fn choose(self, draft: Draft) {
        let Some(mailbox) = self.post.mailbox.get_untracked() else {
            return;
        };
        self.touched.set_value(false);
        spawn_local(async move {
            match mailbox.choose_draft(self.id, draft).await {
                Ok(_) => {
                    // What is shown is read anew, with its files.
                    self.post.saw(self.id, None);
                    self.others.set(Vec::new());
                    self.post.refresh();
                }
                Err(trouble) => self.post.warn(&trouble),
            }
        });
    }

    /// Whether it is still as it was begun.
    fn is_as_begun(self) -> bool {
        let draft = self.draft();
        self.begun
            .with_value(|begun| begun.as_ref().is_some_and(|begun| same(begun, &draft)))
    }
}

/// What keeps a letter from being sent: the field, and why.
fn missing(draft: &Draft) -> Option<(&'static str, String)> {
    if draft.to.is_empty() {
        return Some((
            super::recipients::FIELD,
            "Say who should get it: a letter needs a recipient.".to_owned(),
        ));
    }
    let too_long = |what: &str, most: usize| format!("The {what} is too long: at most {most} characters.");
    if draft.subject.chars().count() > limits::SUBJECT_MAX {
        return Some(("letter-subject", too_long("subject", limits::SUBJECT_MAX)));
    }
    if draft.body.chars().count() > limits::LETTER_MAX {
        return Some(("letter-body", too_long("text", limits::LETTER_MAX)));
    }
    None
}

/// The device's clock.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a date is a whole number far below the limits"
)]
pub fn now() -> Timestamp {
    let epoch = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
    Timestamp::from_millis(js_sys::Date::now() as i64).unwrap_or(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{answer::Answer, testing::view};

    #[test]
    fn a_letter_without_a_recipient_is_not_sent_and_says_so_at_the_field() {
        let letter = view(1, "text");
        let me = letter.line.to[0].id;
        let mut draft = super::super::answer::begin(Answer::Reply, &letter, me, crate::time::Wall::default());
        assert_eq!(missing(&draft), None);
        draft.body = "x".repeat(limits::LETTER_MAX + 1);
        assert_eq!(missing(&draft).map(|(field, _)| field), Some("letter-body"));
        draft.to.clear();
        let (field, why) = missing(&draft).expect("something is missing");
        assert_eq!(field, super::super::recipients::FIELD);
        assert!(why.contains("recipient"), "{why}");
    }
}
