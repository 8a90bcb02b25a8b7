//! How long things of accounts live.

use chrono::TimeDelta;

/// A mailed code, and the sign-up that waits for it.
pub const CODE: TimeDelta = TimeDelta::minutes(60);
/// The link with which somebody whose account was made for them sets their first password.
pub const INVITED: TimeDelta = TimeDelta::days(7);
/// An invitation that has ended, before it is forgotten.
pub const ENDED_INVITATION: TimeDelta = TimeDelta::days(30);
/// The token a code is exchanged for.
pub const PASSWORD_TOKEN: TimeDelta = TimeDelta::minutes(30);
/// The link that makes the first administrator; a new one is printed at each start.
pub const ADMIN_LINK: TimeDelta = TimeDelta::hours(24);
/// A session that is not used.
pub const SESSION_IDLE: TimeDelta = TimeDelta::days(30);
/// A session, however much it is used.
pub const SESSION_MAX: TimeDelta = TimeDelta::days(180);
/// How stale `seen_at` may be before a request refreshes it.
pub const SEEN_RESOLUTION: TimeDelta = TimeDelta::minutes(5);
/// An access token.
pub const ACCESS_TOKEN: TimeDelta = TimeDelta::minutes(15);
/// For how long a replaced refresh token gets the same successor again (a lost answer, two tabs).
pub const REFRESH_GRACE: TimeDelta = TimeDelta::seconds(10);
/// Wrong codes typed for one sign-up before it is dead.
pub const WRONG_CODES_MAX: i64 = 5;
/// A device that nobody signed in from; after that it is new again.
pub const DEVICE: TimeDelta = TimeDelta::days(400);
/// Wrong passwords, after the last of them.
pub const FAILURES: TimeDelta = TimeDelta::days(1);
/// What tells other processes that something ended; they look every half second.
pub const REVOCATION: TimeDelta = TimeDelta::minutes(5);
/// A key that signs access tokens; then there is a new one.
pub const SIGNING_KEY: TimeDelta = TimeDelta::days(30);
/// For how long a new key is published before it signs, so that whoever caches the keys knows it by then.
pub const SIGNING_KEY_AHEAD: TimeDelta = TimeDelta::hours(24);
/// A sign-in that still proves who sits there, for those who have no password.
pub const JUST_NOW: TimeDelta = TimeDelta::minutes(10);
