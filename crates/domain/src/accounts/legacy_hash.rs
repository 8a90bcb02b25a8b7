//! Hashes of passwords that another system made. They come in by an import, and are replaced by Argon2id when their owner
//! first signs in (`password_pool`).
//!
//! What costs more than [the bounds below](bounds) is refused when it comes in: checking a password must stay a bearable
//! work, whoever asks for it. Formats that this reads, and those it writes, are in docs/operating.md.

use argon2::{Argon2, PasswordVerifier, password_hash::phc::PasswordHash};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use md5::{Digest as _, Md5};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::{borrow::Cow, fmt::Write};
use subtle::ConstantTimeEq;

/// What one check may cost.
mod bounds {
    /// Memory: as much as the one check of its sort that runs at a time may take (`password_pool`).
    pub const MEMORY_KIB: u64 = 256 * 1024;
    /// Memory times passes: about a second or two.
    pub const MEMORY_PASSES_KIB: u64 = 1024 * 1024;
    /// Lanes of Argon2 and scrypt.
    pub const LANES: u32 = 16;
    /// bcrypt doubles its work with each step.
    pub const BCRYPT_COST: u32 = 16;
    /// Rounds of PBKDF2, over all blocks of its output.
    pub const PBKDF2_ROUNDS: u64 = 5_000_000;
    /// The text of a hash. The longest there is has a few hundred characters.
    pub const TEXT: usize = 1024;
    /// Bytes of a salt.
    pub const SALT: usize = 256;
    /// Bytes of a hash.
    pub const OUTPUT: std::ops::RangeInclusive<usize> = 16..=64;
}

/// Standard and "adapted" (passlib's, with a dot for the plus) Base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a hash can't be taken, for a person.
type Refused = Cow<'static, str>;

/// A hash of a password, understood and found bearable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyHash {
    /// RFC 9106, of any variant; ours are among them.
    Argon2(Box<PasswordHash>),
    /// bcrypt, versions 2a, 2b and 2y.
    Bcrypt(String),
    /// RFC 7914.
    Scrypt {
        /// The binary logarithm of N.
        log_n: u8,
        /// The size of a block.
        r: u32,
        /// Lanes.
        p: u32,
        /// The salt and the hash.
        pair: Pair,
    },
    /// RFC 8018.
    Pbkdf2 {
        /// Of which hash function.
        of: Function,
        /// How often.
        rounds: u32,
        /// The salt and the hash.
        pair: Pair,
    },
    /// One round of a hash function, as it should never have been done.
    Plain {
        /// Of which: [`Function::Md5`] or [`Function::Sha1`].
        of: Function,
        /// Where the salt stands.
        position: Position,
        /// The salt, which may be empty, and the hash.
        pair: Pair,
    },
}

/// A salt and what came out with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// RFC 1321.
    Md5,
    /// RFC 3174.
    Sha1,
    /// RFC 6234.
    Sha256,
    /// RFC 6234.
    Sha512,
}

impl Function {
    const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }
}

/// Where the salt stands: `hash(salt + password)` or `hash(password + salt)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// Before the password.
    #[default]
    Before,
    /// After it.
    After,
}

impl Position {
    const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// A plain hash as an object of JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Salted {
    algorithm: String,
    hash: String,
    #[serde(default)]
    salt: String,
    #[serde(default)]
    salt_position: Position,
}

impl LegacyHash {
    /// Reads a hash as an import gives it: a string, or an object for salted MD5 and SHA-1.
    ///
    /// # Errors
    /// A sentence that says what is wrong, or too much.
    pub fn from_json(value: serde_json::Value) -> Result<Self, Refused> {
        match value {
            serde_json::Value::String(text) => Self::parse(&text),
            object @ serde_json::Value::Object(_) => {
                let salted: Salted =
                    serde_json::from_value(object).map_err(|error| format!("This hash can't be read: {error}."))?;
                let of = Function::named(&salted.algorithm).filter(|of| matches!(of, Function::Md5 | Function::Sha1));
                let of = of.ok_or("The algorithm of a hash in this form is \"md5\" or \"sha1\".")?;
                plain(of, salted.salt_position, salted.salt.into_bytes(), &salted.hash)
            }
            _ => Err("A password hash is a string, or an object for salted MD5 and SHA-1.".into()),
        }
    }

    /// Reads any form that is taken, what [`Self::to_text`] writes among them.
    ///
    /// # Errors
    /// A sentence that says what is wrong, or too much.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        if text.len() > bounds::TEXT {
            return Err("This hash is too long to be one.".into());
        }
        let parts: Vec<&str> = text.split('$').collect();
        match parts.as_slice() {
            ["", kind, ..] if kind.starts_with("argon2") => argon2_of(text),
            ["", "2a" | "2b" | "2y", ..] => bcrypt_of(text),
            ["", "scrypt", parameters, salt, hash] => scrypt_of(parameters, pair(salt, hash)?),
            // passlib calls the one of SHA-1 by the bare name.
            ["", "pbkdf2", rounds, salt, hash] => pbkdf2_of(Function::Sha1, rounds, pair(salt, hash)?),
            ["", kind, rounds, salt, hash] if kind.starts_with("pbkdf2-") => {
                pbkdf2_of(pbkdf2_function(&kind["pbkdf2-".len()..])?, rounds, pair(salt, hash)?)
            }
            // Django: the salt is text.
            [kind, rounds, salt, hash] if kind.starts_with("pbkdf2_") => {
                let function = pbkdf2_function(&kind["pbkdf2_".len()..])?;
                let (salt, hash) = (salt.as_bytes().to_vec(), base64(hash)?);
                pbkdf2_of(function, rounds, Pair { salt, hash })
            }
            // Django again.
            ["md5", salt, hash] => plain(Function::Md5, Position::Before, salt.as_bytes().to_vec(), hash),
            ["sha1", salt, hash] => plain(Function::Sha1, Position::Before, salt.as_bytes().to_vec(), hash),
            ["", "roost-md5", position, salt, hash] => stored_plain(Function::Md5, position, pair(salt, hash)?),
            ["", "roost-sha1", position, salt, hash] => stored_plain(Function::Sha1, position, pair(salt, hash)?),
            [hex] if hex.len() == 32 => plain(Function::Md5, Position::Before, Vec::new(), hex),
            [hex] if hex.len() == 40 => plain(Function::Sha1, Position::Before, Vec::new(), hex),
            _ => Err("This is no sort of hash that Roost knows; docs/operating.md lists them.".into()),
        }
    }

    /// The one text that is kept.
    pub fn to_text(&self) -> String {
        match self {
            Self::Argon2(hash) => hash.to_string(),
            Self::Bcrypt(text) => text.clone(),
            Self::Scrypt { log_n, r, p, pair } => format!("$scrypt$ln={log_n},r={r},p={p}{pair}"),
            Self::Pbkdf2 { of, rounds, pair } => format!("$pbkdf2-{}$i={rounds}{pair}", of.name()),
            Self::Plain { of, position, pair } => format!("$roost-{}${}{pair}", of.name(), position.name()),
        }
    }

    /// Whether it is the password's. Takes as long as the parameters say: never on a thread that must not wait.
    pub fn verify(&self, password: &[u8]) -> bool {
        match self {
            Self::Argon2(hash) => Argon2::default().verify_password(password, hash.as_ref()).is_ok(),
            Self::Bcrypt(text) => bcrypt::verify(password, text).unwrap_or(false),
            Self::Scrypt { log_n, r, p, pair } => scrypt::Params::new(*log_n, *r, *p, pair.hash.len())
                .is_ok_and(|params| pair.made_by(|salt, out| scrypt::scrypt(password, salt, &params, out).is_ok())),
            Self::Pbkdf2 { of, rounds, pair } => pair.made_by(|salt, out| {
                match of {
                    Function::Md5 => return false,
                    Function::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, *rounds, out),
                    Function::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, *rounds, out),
                    Function::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, *rounds, out),
                }
                true
            }),
            Self::Plain { of, position, pair } => {
                let text = match position {
                    Position::Before => [&pair.salt, password].concat(),
                    Position::After => [password, &pair.salt].concat(),
                };
                let made = match of {
                    Function::Md5 => Md5::digest(&text).to_vec(),
                    Function::Sha1 => Sha1::digest(&text).to_vec(),
                    Function::Sha256 | Function::Sha512 => return false,
                };
                made.ct_eq(&pair.hash).into()
            }
        }
    }

    /// The memory that a check takes.
    pub fn memory_kib(&self) -> u64 {
        match self {
            Self::Argon2(hash) => hash.params.get_decimal("m").unwrap_or_default().into(),
            Self::Scrypt { log_n, r, p, .. } => scrypt_kib(*log_n, *r, *p),
            Self::Bcrypt(_) | Self::Pbkdf2 { .. } | Self::Plain { .. } => 0,
        }
    }
}

impl Pair {
    /// Whether this work makes the hash of the salt.
    fn made_by(&self, work: impl FnOnce(&[u8], &mut [u8]) -> bool) -> bool {
        let mut out = vec![0; self.hash.len()];
        work(&self.salt, &mut out) && bool::from(out.ct_eq(&self.hash))
    }
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${}${}", BASE64.encode(&self.salt), BASE64.encode(&self.hash))
    }
}

fn argon2_of(text: &str) -> Result<LegacyHash, Refused> {
    let mut hash = PasswordHash::new(text).map_err(|_| "This Argon2 hash can't be read.")?;
    // Strings of before 2016 do not say their version (the reference's own reading).
    hash.version.get_or_insert(argon2::Version::V0x10.into());
    let known = argon2::Algorithm::try_from(hash.algorithm.as_str()).is_ok()
        && hash
            .version
            .map(argon2::Version::try_from)
            .is_some_and(|version| version.is_ok())
        && argon2::Params::try_from(&hash).is_ok()
        && hash.salt.is_some()
        && hash.hash.is_some();
    let decimal = |name: &str| hash.params.get_decimal(name);
    let (Some(memory), Some(passes), Some(lanes), true) = (decimal("m"), decimal("t"), decimal("p"), known) else {
        return Err("This Argon2 hash can't be read.".into());
    };
    bearable(
        "Argon2",
        u64::from(memory),
        u64::from(memory) * u64::from(passes),
        lanes,
    )?;
    Ok(LegacyHash::Argon2(hash.into()))
}

fn bcrypt_of(text: &str) -> Result<LegacyHash, Refused> {
    let unread = "This bcrypt hash can't be read.";
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/');
    let whole = text.len() == 60 && text.get(7..).is_some_and(|rest| rest.chars().all(letters));
    let parts: bcrypt::HashParts = text.parse().map_err(|_| unread)?;
    if !whole || parts.get_cost() < 4 {
        return Err(unread.into());
    }
    if parts.get_cost() > bounds::BCRYPT_COST {
        return Err(format!("A bcrypt cost of more than {} takes too long.", bounds::BCRYPT_COST).into());
    }
    Ok(LegacyHash::Bcrypt(text.to_owned()))
}

fn scrypt_of(parameters: &str, pair: Pair) -> Result<LegacyHash, Refused> {
    let unread = "The parameters of this scrypt hash can't be read.";
    let [log_n, r, p] = decimals(parameters, ["ln", "r", "p"]).ok_or(unread)?;
    let log_n = u8::try_from(log_n).ok().filter(|log_n| *log_n < 32).ok_or(unread)?;
    let memory = scrypt_kib(log_n, r, p);
    bearable("scrypt", memory, memory.saturating_mul(p.into()), p)?;
    scrypt::Params::new(log_n, r, p, pair.hash.len()).map_err(|_| unread)?;
    Ok(LegacyHash::Scrypt { log_n, r, p, pair })
}

/// 128 bytes times r, for N blocks, p lanes and a little work space; rounded up.
fn scrypt_kib(log_n: u8, r: u32, p: u32) -> u64 {
    let blocks = 1_u64.checked_shl(log_n.into()).unwrap_or(u64::MAX);
    let blocks = blocks.saturating_add(p.into()).saturating_add(2);
    blocks.saturating_mul(u64::from(r)).saturating_mul(128).div_ceil(1024)
}

fn bearable(name: &str, memory_kib: u64, memory_passes_kib: u64, lanes: u32) -> Result<(), Refused> {
    let mut why = String::new();
    if memory_kib > bounds::MEMORY_KIB {
        let _ = write!(
            why,
            "This {name} hash takes more than {} MiB to check.",
            bounds::MEMORY_KIB / 1024
        );
    } else if memory_passes_kib > bounds::MEMORY_PASSES_KIB || lanes > bounds::LANES {
        let _ = write!(why, "This {name} hash takes too long to check.");
    }
    if why.is_empty() { Ok(()) } else { Err(why.into()) }
}

fn pbkdf2_function(name: &str) -> Result<Function, Refused> {
    let of = Function::named(name).filter(|of| *of != Function::Md5);
    of.ok_or_else(|| "PBKDF2 is known with SHA-1, SHA-256 and SHA-512.".into())
}

/// `parameters` are `i=29000,l=32`, or only the number.
fn pbkdf2_of(of: Function, parameters: &str, pair: Pair) -> Result<LegacyHash, Refused> {
    let rounds = parameters.parse().ok().or_else(|| {
        let mut named = parameters.split(',').filter_map(|part| part.split_once('='));
        named
            .find(|(name, _)| *name == "i")
            .and_then(|(_, value)| value.parse().ok())
    });
    let rounds: u32 = rounds
        .filter(|rounds| *rounds > 0)
        .ok_or("The rounds of this PBKDF2 hash can't be read.")?;
    let blocks = u64::try_from(pair.hash.len().div_ceil(of.bytes())).unwrap_or(u64::MAX);
    if !bounds::OUTPUT.contains(&pair.hash.len()) {
        return Err("A PBKDF2 hash has 16 to 64 bytes.".into());
    }
    if u64::from(rounds).saturating_mul(blocks) > bounds::PBKDF2_ROUNDS {
        return Err(format!("More than {} rounds of PBKDF2 take too long.", bounds::PBKDF2_ROUNDS).into());
    }
    Ok(LegacyHash::Pbkdf2 { of, rounds, pair })
}

fn plain(of: Function, position: Position, salt: Vec<u8>, hash: &str) -> Result<LegacyHash, Refused> {
    let hash = hex(hash).filter(|hash| hash.len() == of.bytes() && salt.len() <= bounds::SALT);
    let hash = hash.ok_or_else(|| format!("This is no {} hash in hexadecimal digits.", of.name()))?;
    let pair = Pair { salt, hash };
    Ok(LegacyHash::Plain { of, position, pair })
}

fn stored_plain(of: Function, position: &str, pair: Pair) -> Result<LegacyHash, Refused> {
    let position = match position {
        "before" => Position::Before,
        "after" => Position::After,
        _ => return Err("The salt stands before or after.".into()),
    };
    if pair.hash.len() != of.bytes() {
        return Err(format!("This is no {} hash.", of.name()).into());
    }
    Ok(LegacyHash::Plain { of, position, pair })
}

fn pair(salt: &str, hash: &str) -> Result<Pair, Refused> {
    let (salt, hash) = (base64(salt)?, base64(hash)?);
    if salt.len() > bounds::SALT || !bounds::OUTPUT.contains(&hash.len()) {
        return Err("The salt or the hash in this has an odd length.".into());
    }
    Ok(Pair { salt, hash })
}

fn base64(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64
        .decode(text.replace('.', "+"))
        .map_err(|_| "The salt or the hash in this is not in Base64.".into())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes().chunks(2);
    bytes
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect()
}

/// The values of `a=1,b=2` by their names, which may come in any order.
fn decimals<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut found = [None; N];
    for part in text.split(',') {
        let (name, value) = part.split_once('=')?;
        let place = names.iter().position(|wanted| *wanted == name)?;
        found[place] = Some(value.parse().ok()?);
    }
    found.iter().copied().collect::<Option<Vec<u32>>>()?.try_into().ok()
}

#[cfg(test)]
#[path = "legacy_hash_tests.rs"]
mod tests;
