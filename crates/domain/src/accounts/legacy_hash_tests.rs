//! Hashes that other libraries made (legacy_hash_vectors.json: passlib, python-bcrypt, argon2-cffi, hashlib), and many that are none.

use super::*;
use proptest::prelude::*;

#[derive(Deserialize)]
struct Vector {
    name: String,
    password: String,
    hash: serde_json::Value,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("legacy_hash_vectors.json")).expect("vectors")
}

#[test]
fn what_other_libraries_hashed_is_known_again_also_after_it_was_stored() {
    let all = vectors();
    assert!(all.len() >= 25, "{} vectors", all.len());
    for Vector { name, password, hash } in all {
        let hash = LegacyHash::from_json(hash).unwrap_or_else(|why| panic!("{name}: {why}"));
        let stored = LegacyHash::parse(&hash.to_text()).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(stored, hash, "{name}");
        assert!(stored.verify(password.as_bytes()), "{name}");
        for wrong in ["", "x", &format!("x{password}"), &password.to_uppercase()] {
            assert!(!stored.verify(wrong.as_bytes()), "{name} with {wrong:?}");
        }
    }
}

#[test]
fn what_would_take_too_long_or_too_much_is_refused_before_anybody_signs_in_with_it() {
    let (salt, hash) = ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let long = "A".repeat(86);
    for bad in [
        format!("$argon2id$v=19$m=262145,t=1,p=1${salt}${hash}"),
        format!("$argon2id$v=19$m=262144,t=5,p=1${salt}${hash}"),
        format!("$argon2id$v=19$m=8,t=4294967295,p=1${salt}${hash}"),
        format!("$argon2id$v=19$m=4096,t=1,p=17${salt}${hash}"),
        format!("$2b$17${}", "A".repeat(53)),
        format!("$2b$31${}", "A".repeat(53)),
        format!("$scrypt$ln=19,r=8,p=1${salt}${hash}"),
        format!("$scrypt$ln=31,r=1,p=1${salt}${hash}"),
        format!("$scrypt$ln=1,r=1048576,p=16${salt}${hash}"),
        format!("$scrypt$ln=17,r=8,p=16${salt}${hash}"),
        format!("$pbkdf2-sha256$i=5000001${salt}${hash}"),
        format!("$pbkdf2-sha1$i=2000000${salt}${long}"),
    ] {
        let why = LegacyHash::parse(&bad).expect_err(&bad);
        assert!(why.contains("take") || why.contains("MiB"), "{bad}: {why}");
    }
}

#[test]
fn what_is_no_hash_is_refused_with_a_sentence() {
    let (salt, hash) = ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let unknown = [
        String::new(),
        "correct horse".into(),
        "$".into(),
        "$$$$".into(),
        "$1$salt$hash".into(),
        format!("$argon2x$v=19$m=8,t=1,p=1${salt}${hash}"),
        format!("$argon2id$v=18$m=8,t=1,p=1${salt}${hash}"),
        format!("$argon2id$v=19$m=8,t=1,p=1${salt}"),
        "$argon2id$v=19$m=8,t=1,p=1".into(),
        format!("$argon2id$v=19$m=1,t=1,p=1${salt}${hash}"),
        format!("$2x$10${}", "A".repeat(53)),
        format!("$2b$03${}", "A".repeat(53)),
        format!("$2b$10${}", "A".repeat(52)),
        format!("$2b$10${}é", "A".repeat(51)),
        format!("$scrypt$ln=4,r=8${salt}${hash}"),
        format!("$scrypt$ln=4,r=0,p=1${salt}${hash}"),
        format!("$scrypt$ln=99,r=8,p=1${salt}${hash}"),
        "$scrypt$ln=4,r=8,p=1$AA$AA".into(),
        format!("$pbkdf2-md5$1000${salt}${hash}"),
        format!("$pbkdf2-sha256$0${salt}${hash}"),
        format!("$pbkdf2-sha256$many${salt}${hash}"),
        format!("$pbkdf2-sha256$1000${salt}$?"),
        "g".repeat(32),
        "a".repeat(39),
        "md5$salt$abc".into(),
        format!("$roost-md5$within${salt}${salt}"),
        format!("$roost-sha1$before${salt}${hash}"),
        "A".repeat(2000),
    ];
    for text in unknown {
        let why = LegacyHash::parse(&text).expect_err(&text);
        assert!(why.ends_with('.'), "{text}: {why}");
    }
    for object in [
        serde_json::json!(7),
        serde_json::json!({"algorithm": "sha256", "hash": "a".repeat(64)}),
        serde_json::json!({"algorithm": "md5", "hash": "a".repeat(32), "pepper": "x"}),
        serde_json::json!({"algorithm": "md5", "hash": "a".repeat(32), "salt_position": "within"}),
        serde_json::json!({"algorithm": "md5", "hash": "a".repeat(32), "salt": "x".repeat(300)}),
    ] {
        assert!(LegacyHash::from_json(object.clone()).is_err(), "{object}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_is_taken_comes_back_the_same(
        text in "(\\$(argon2id|2b|scrypt|pbkdf2-sha256|roost-md5)|pbkdf2_sha1|md5)?\\$?[a-z0-9=,$./+]{0,120}"
    ) {
        if let Ok(hash) = LegacyHash::parse(&text) {
            prop_assert!(hash.memory_kib() <= bounds::MEMORY_KIB);
            prop_assert_eq!(LegacyHash::parse(&hash.to_text()), Ok(hash));
        }
    }

    #[test]
    fn a_salt_of_any_bytes_survives_on_either_side(
        salt in "\\PC{0,20}", password in "\\PC{1,20}", after: bool, sha: bool
    ) {
        let (text, position) = match after {
            true => (format!("{password}{salt}"), "after"),
            false => (format!("{salt}{password}"), "before"),
        };
        let (digest, algorithm) = match sha {
            true => (Sha1::digest(&text).to_vec(), "sha1"),
            false => (Md5::digest(&text).to_vec(), "md5"),
        };
        let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let object = serde_json::json!({"algorithm": algorithm, "hash": hex, "salt": salt, "salt_position": position});
        let hash = LegacyHash::from_json(object).expect("a hash");
        let stored = LegacyHash::parse(&hash.to_text()).expect("what was stored");
        prop_assert!(stored.verify(password.as_bytes()));
        let other = format!("{password}.");
        prop_assert!(!stored.verify(other.as_bytes()));
    }
}
