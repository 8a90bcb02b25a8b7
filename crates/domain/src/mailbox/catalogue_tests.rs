use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Put(Entry),
    Remove(Place),
}

fn place() -> impl Strategy<Value = Place> {
    (0_i64..40, 0_u128..12).prop_map(|(at, id)| (at, Uuid::from_u128(id)))
}

fn folder() -> impl Strategy<Value = Folder> {
    prop::sample::select(vec![Folder::Inbox, Folder::Sent, Folder::Archive, Folder::Trash])
}

fn step() -> impl Strategy<Value = Step> {
    let labels = prop::collection::btree_set("[ab]", 0..3);
    let entry = (place(), folder(), any::<bool>(), any::<bool>(), labels);
    let put = entry.prop_map(|(place, folder, read, starred, labels)| {
        Step::Put(Entry {
            place,
            folder,
            read,
            starred,
            labels: labels.into_iter().collect(),
        })
    });
    prop_oneof![4 => put, 1 => place().prop_map(Step::Remove)]
}

/// Does some steps with the sheets that they need, and keeps what is left, as rows would.
fn play(catalogue: &mut Catalogue, kept: &mut BTreeMap<u64, Vec<Entry>>, steps: &[Step]) {
    let places = steps.iter().map(|step| match step {
        Step::Put(entry) => entry.place,
        Step::Remove(place) => *place,
    });
    let needed: BTreeSet<u64> = places
        .filter_map(|place| Some(catalogue.sheets[catalogue.sheet_of(place)?].n))
        .collect();
    let sheets = kept
        .iter()
        .filter(|(n, _)| needed.contains(n))
        .map(|(n, entries)| (*n, entries.clone()));
    let mut book = Book::new(catalogue.clone(), sheets.collect());
    for step in steps {
        match step {
            Step::Put(entry) => book.put(entry.clone()),
            Step::Remove(place) => book.remove(*place),
        }
    }
    let (after, changed) = book.close();
    *catalogue = after;
    for (n, entries) in changed {
        match entries.is_empty() {
            true => drop(kept.remove(&n)),
            false => drop(kept.insert(n, entries)),
        }
    }
}

/// A part of a list, as it is read.
fn list(
    catalogue: &Catalogue,
    kept: &BTreeMap<u64, Vec<Entry>>,
    shelf: &Shelf,
    skip: usize,
    limit: usize,
) -> Vec<Entry> {
    let (numbers, before) = catalogue.sheets_with(shelf, skip as u64, limit as u64);
    let entries = numbers.iter().flat_map(|n| kept[n].iter().rev().cloned());
    let entries = entries.filter(|entry| entry.is_on(shelf));
    entries
        .skip(usize::try_from(before).expect("small"))
        .take(limit)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However letters come and go, some at once, the sheets have them all, in order, and each list its part of them.
    #[test]
    fn sheets_have_all_letters_and_tell_how_many(
        batches in prop::collection::vec(prop::collection::vec(step(), 1..160), 1..12),
        skip in 0_usize..40,
        limit in 1_usize..40,
    ) {
        let (mut catalogue, mut kept, mut truth) = (Catalogue::default(), BTreeMap::new(), BTreeMap::new());
        for batch in &batches {
            play(&mut catalogue, &mut kept, batch);
            for step in batch {
                match step {
                    Step::Put(entry) => drop(truth.insert(entry.place, entry.clone())),
                    Step::Remove(place) => drop(truth.remove(place)),
                }
            }
            let all: Vec<Entry> = catalogue.sheets.iter().flat_map(|sheet| kept[&sheet.n].clone()).collect();
            prop_assert_eq!(&all, &truth.values().cloned().collect::<Vec<_>>());
            prop_assert_eq!(kept.len(), catalogue.sheets.len());
            prop_assert!(kept.values().all(|entries| entries.len() <= SHEET_MAX));
            prop_assert_eq!(catalogue.letters(), truth.len() as u64);
        }
        let shelves = [Shelf::Folder(Folder::Inbox), Shelf::Folder(Folder::Trash), Shelf::Starred, Shelf::Label("a".into())];
        for shelf in shelves {
            let whole: Vec<Entry> = truth.values().rev().filter(|entry| entry.is_on(&shelf)).cloned().collect();
            prop_assert_eq!(catalogue.total(&shelf), whole.len() as u64);
            let part: Vec<Entry> = whole.into_iter().skip(skip).take(limit).collect();
            prop_assert_eq!(list(&catalogue, &kept, &shelf, skip, limit), part);
        }
        let unread = truth.values().filter(|entry| entry.folder == Folder::Inbox && !entry.read).count();
        prop_assert_eq!(catalogue.counts().inbox_unread, unread as u64);
    }
}

#[test]
fn a_page_reads_no_more_sheets_than_it_shows_of() {
    let (mut catalogue, mut kept) = (Catalogue::default(), BTreeMap::new());
    let entry = |n: u128| Entry::new((n.try_into().expect("small"), Uuid::from_u128(n)), None);
    let steps: Vec<Step> = (0..10_000).map(entry).map(Step::Put).collect();
    for some in steps.chunks(1_000) {
        play(&mut catalogue, &mut kept, some);
    }
    assert_eq!(
        catalogue.sheets.len(),
        10_000_usize.div_ceil(SHEET_MAX),
        "full sheets stay full"
    );
    for skip in [0, 50, 5_000, 9_999, 20_000] {
        let (numbers, _) = catalogue.sheets_with(&Shelf::Folder(Folder::Archive), skip, 50);
        assert!(numbers.len() <= 2, "{skip}: {numbers:?}");
    }
}
