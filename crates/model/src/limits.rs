//! Every number that bounds an input, in one place. Lengths of text are counted in Unicode scalar values
//! (`char`s) unless the name says bytes.

/// Shortest username.
pub const USERNAME_MIN: usize = 3;
/// Longest username.
pub const USERNAME_MAX: usize = 32;
/// Longest display name.
pub const DISPLAY_NAME_MAX: usize = 64;
/// Longest name of an API key, and longest note of an invitation.
pub const LABEL_MAX: usize = 64;
/// Most days an API key with an end lives.
pub const API_KEY_DAYS_MAX: u32 = 3_650;
/// Most people one invitation is for.
pub const INVITATION_USES_MAX: u32 = 1_000;
/// Most days an invitation lives.
pub const INVITATION_DAYS_MAX: u32 = 365;
/// Longest e-mail address (RFC 5321 §4.5.3.1.3 less the angle brackets).
pub const EMAIL_MAX_BYTES: usize = 254;
/// Shortest password.
pub const PASSWORD_MIN: usize = 10;
/// Longest password, in bytes: long enough for any passphrase, short enough to hash.
pub const PASSWORD_MAX_BYTES: usize = 1024;
/// Longest message.
pub const MESSAGE_MAX: usize = 8_000;
/// Longest title of a group.
pub const TITLE_MAX: usize = 80;
/// Most people in a group.
pub const MEMBERS_MAX: usize = 1_000;
/// Up to so many members, a conversation shows them by itself; those of a larger one are asked for.
pub const MEMBERS_SHOWN: usize = 100;
/// Up to so many members, markers and presence are told to all of them; of larger groups they are asked for.
pub const INTIMATE_MAX: u64 = 50;
/// Among so many messages after the marker, the unread ones are counted.
pub const UNREAD_MAX: u64 = 1_000;
/// Most people one message can mention.
pub const MENTIONS_MAX: usize = 50;
/// Most different emoji on one message.
pub const REACTIONS_MAX: usize = 20;
/// Longest emoji of a reaction, in bytes; families with skin tones are long.
pub const EMOJI_MAX_BYTES: usize = 64;
/// What an answer shows of the message it answers.
pub const EXCERPT_MAX: usize = 160;
/// Most people somebody can block.
pub const BLOCKS_MAX: usize = 1_000;
/// Most conversations whose presence one socket watches.
pub const WATCH_MAX: usize = 100;
/// Messages in one page when nobody says how many: what a conversation opens with.
pub const MESSAGES_PAGE: usize = 10;
/// Most items in one page.
pub const PAGE_MAX: usize = 100;
/// Items in a page of anything else when nobody says how many.
pub const PAGE_DEFAULT: usize = 50;
/// Longest query in the directory.
pub const QUERY_MAX: usize = 64;
/// Most people one directory query answers with.
pub const DIRECTORY_MAX: usize = 20;
/// Largest request body on any door, in bytes, unless the route says less.
pub const BODY_MAX_BYTES: usize = 256 * 1024;
/// Largest file of people to import over REST, in bytes.
pub const IMPORT_MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most people in one import.
pub const IMPORT_MAX_LINES: usize = 100_000;
/// Largest frame on the socket, in bytes.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// Longest document of a mailbox as JSON, in bytes, without the bytes of its attachments.
pub const DOCUMENT_MAX_BYTES: usize = 1_000_000;
/// Longest id of a document that any door takes, in bytes. Those of a mailbox are far shorter.
pub const DOCUMENT_ID_MAX_BYTES: usize = 4_096;
/// Largest file, in bytes: as base64 it still fits into one bulk request.
pub const ATTACHMENT_MAX_BYTES: usize = 5 * 1024 * 1024;
/// Longest name of a file.
pub const FILE_NAME_MAX: usize = 255;
/// Longest media type of a file, in bytes.
pub const MEDIA_TYPE_MAX_BYTES: usize = 127;
/// Most documents in one bulk request of the mailbox, and most rows in one page of its changes.
pub const BULK_MAX: usize = 1_000;
/// Largest bulk request of the mailbox, in bytes.
pub const BULK_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Revisions that a document's tree remembers from a leaf down to its root.
pub const REVISIONS_MAX: usize = 200;
/// Most `_local` documents of one mailbox; the oldest ones make room.
pub const LOCAL_DOCUMENTS_MAX: usize = 100;
/// Longest subject of a letter.
pub const SUBJECT_MAX: usize = 200;
/// Longest text of a letter.
pub const LETTER_MAX: usize = 100_000;
/// Most recipients of a letter.
pub const RECIPIENTS_MAX: usize = 50;
/// Most files of a letter.
pub const ATTACHMENTS_MAX: usize = 20;
/// Most labels of a letter, and most fields of one document of preferences.
pub const FIELDS_MAX: usize = 50;
/// Longest name that a device has for itself.
pub const DEVICE_MAX: usize = 64;
/// Longest name of a document of preferences, and of a field in it.
pub const SETTINGS_NAME_MAX: usize = 64;
