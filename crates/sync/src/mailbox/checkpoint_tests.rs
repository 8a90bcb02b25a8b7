use super::*;
use serde_json::json;

fn note(sessions: &[(&str, Value)]) -> Checkpoint {
    let mut note = None;
    for (session, seq) in sessions {
        note = Some(Checkpoint::advanced(note.as_ref(), session, seq.clone()));
    }
    note.expect("a session at least")
}

#[test]
fn a_replication_goes_on_where_both_sides_know_that_it_was() {
    let both = note(&[("a", json!("5-e")), ("b", json!("9-e"))]);
    assert_eq!(resume(Some(&both), Some(&both)), Some(json!("9-e")));
    let source = note(&[("a", json!("5-e")), ("c", json!("11-e"))]);
    assert_eq!(
        resume(Some(&source), Some(&both)),
        Some(json!("5-e")),
        "the newest session in common"
    );
    let stranger = note(&[("z", json!("11-e"))]);
    assert_eq!(resume(Some(&stranger), Some(&both)), None);
    assert_eq!(resume(None, Some(&both)), None);
    assert_eq!(resume(Some(&both), None), None);
}

#[test]
fn a_backup_of_the_same_session_pulls_the_start_back() {
    let device = note(&[("a", json!(50))]);
    let restored = note(&[("a", json!(30))]);
    assert_eq!(resume(Some(&device), Some(&restored)), Some(json!(30)));
    assert_eq!(resume(Some(&restored), Some(&device)), Some(json!(30)));
}

#[test]
fn numbers_of_different_histories_begin_anew() {
    let before = note(&[("a", json!("50-old"))]);
    let after = note(&[("a", json!("30-new"))]);
    assert_eq!(resume(Some(&before), Some(&after)), None);
    assert_eq!(resume(Some(&note(&[("a", json!({"x": 1}))])), Some(&after)), None);
}

#[test]
fn a_note_remembers_five_sessions_and_each_once() {
    let mut last = note(&[("s0", json!(0)), ("s0", json!(1))]);
    assert_eq!(last.history.len(), 1);
    for number in 1..10 {
        last = Checkpoint::advanced(Some(&last), &format!("s{number}"), json!(number));
    }
    assert_eq!(last.history.len(), HISTORY);
    assert_eq!(last.history[0].session_id, "s9");
}

#[test]
fn notes_of_others_are_read_and_nothing_of_them_is_lost() {
    let couch = json!({"session_id": "a", "last_seq": 7, "replicator": "x", "version": 3, "source_last_seq": 7,
        "history": [{"session_id": "a", "recorded_seq": 7, "docs_read": 1}]});
    let read: Checkpoint = serde_json::from_value(couch).expect("is read");
    assert_eq!(read.history[0].last_seq, json!(7));
    assert_eq!(read.rest["source_last_seq"], json!(7));
}

#[test]
fn local_documents_count_their_writes() {
    assert_eq!(next_local_rev(None), "0-1");
    assert_eq!(next_local_rev(Some("0-9")), "0-10");
    assert_eq!(next_local_rev(Some("wild")), "0-1");
}
