use std::collections::BTreeMap;

use super::*;

fn all(lists: &Lists) -> Vec<Vec<i64>> {
    lists.all().map(|list| list.elements().collect()).collect()
}

/// Lists that grow, lose elements, have some several times, and come in any order.
fn made_up(rng: &mut fastrand::Rng) -> Vec<Vec<i64>> {
    let scale = *rng.choice(&[1, -1, 1 << 40, i64::MAX / 1000]).unwrap();
    // A few of these need more than a byte for a distance, a length or a count.
    let (step, range) = (rng.usize(1..40), rng.i64(1..1000));
    let mut grown: Vec<i64> = Vec::new();
    let lists = (0..rng.usize(0..8)).map(|_| {
        for _ in 0..rng.usize(0..step) {
            grown.push(scale * rng.i64(0..range));
        }
        let mut list = grown.clone();
        list.retain(|_| rng.u8(..) > 10);
        if let Some(&again) = list.last() {
            list.extend(repeat_n(again, if rng.u8(..) < 5 { 300 } else { 0 }));
        }
        if rng.bool() {
            list.sort_unstable();
            list.dedup();
        }
        if rng.u8(..) < 60 {
            rng.shuffle(&mut list);
        }
        list
    });
    lists.collect()
}

/// How often each element is there.
fn counted(elements: impl IntoIterator<Item = i64>) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for element in elements {
        *counts.entry(element).or_default() += 1;
    }
    counts
}

#[test]
fn lists_hold_what_they_were_given() {
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..100_000 {
        let given = made_up(&mut rng);
        let lists: Lists = given.iter().collect();
        assert_eq!(lists.len(), given.len());
        for (index, (given, list)) in given.iter().zip(lists.all()).enumerate() {
            let counts = counted(given.iter().copied());
            assert_eq!(counted(list.elements()), counts, "list {index}");
            assert_eq!((list.len(), list.is_empty()), (given.len(), given.is_empty()));
            let of_number = |number: u32| lists.distinct()[number as usize];
            assert!(counts.keys().copied().eq(sorted(list.numbers().map(of_number))));
            let more = list.repeated().map(|(number, times)| (of_number(number), times + 1));
            assert_eq!(more.collect::<BTreeMap<_, _>>(), repeated(&counts));
            assert!(given.first().is_none_or(|element| list.contains(*element)));
            assert!(!list.contains(i64::MIN + 1));
        }
        assert!(lists.get(given.len()).is_none());
        // Written and read, they are the same.
        assert_eq!(all(&lists).iter().collect::<Lists>(), lists);
    }
}

fn sorted(elements: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut elements: Vec<_> = elements.collect();
    elements.sort_unstable();
    elements
}

fn repeated(counts: &BTreeMap<i64, usize>) -> BTreeMap<i64, usize> {
    counts
        .iter()
        .filter(|(_, count)| **count > 1)
        .map(|(element, count)| (*element, *count))
        .collect()
}

#[test]
fn numbers_take_as_many_bytes_as_they_need() {
    let mut bytes = Vec::new();
    let numbers = [0, 1, 127, 128, 16_383, 16_384, 1 << 28, u32::MAX];
    for number in numbers {
        encode(number, &mut bytes);
    }
    assert_eq!(bytes.len(), 1 + 1 + 1 + 2 + 2 + 3 + 5 + 5);
    let mut bytes = &bytes[..];
    assert_eq!(numbers.map(|_| decode(&mut bytes)), numbers);
    assert!(bytes.is_empty());
}

#[test]
fn lists_behind_others_are_as_if_pushed_there() {
    let mut rng = fastrand::Rng::with_seed(2);
    for _ in 0..2_000 {
        let (one, two) = (made_up(&mut rng), made_up(&mut rng));
        let mut lists: Lists = one.iter().collect();
        lists.append(&two.iter().collect(), |element| element);
        let in_one: Lists = one.iter().chain(&two).collect();
        assert_eq!(lists, in_one);
        assert_eq!(all(&lists), all(&in_one));
    }
}

#[test]
fn an_element_that_comes_again_is_counted_as_often() {
    let mut lists: Lists = [&[5, 3, 5, 5][..], &[], &[3]].into_iter().collect();
    assert_eq!(all(&lists), [vec![5, 3, 5, 5], vec![], vec![3]]);
    let (before, many) = (lists.bytes.len(), vec![5; 1_000_000]);
    lists.push(&many);
    assert_eq!(lists.get(3).map(List::len), Some(many.len()));
    assert!(lists.bytes.len() < before + 10);
}

/// A set that is read again and again while it grows: the memory is in proportion to it, and not to
/// its square.
#[test]
fn a_growing_list_takes_a_few_bytes_each_time() {
    let (mut elements, mut lists) = (Vec::new(), Lists::default());
    let mut rng = fastrand::Rng::with_seed(3);
    for count in 0..2_000 {
        elements.extend([2 * count, 2 * count + 1]);
        let mut list = elements.clone();
        // Not all are there yet, and nobody says in which order they come.
        list.retain(|element| *element < 2 * count - 100 || rng.bool());
        rng.shuffle(&mut list);
        lists.push(&list);
    }
    let whole: usize = lists.all().map(List::len).sum::<usize>() * size_of::<i64>();
    assert!(lists.heap_bytes() < whole / 100, "{} of {whole}", lists.heap_bytes());
}

/// The worst there is: every other element of many.
#[test]
fn a_list_is_never_much_larger_than_it_was() {
    let mut lists = Lists::default();
    let all: Vec<i64> = (0..100_000).collect();
    lists.push(&all);
    let before = lists.bytes.len();
    let odd: Vec<i64> = all.into_iter().filter(|element| element % 2 == 1).collect();
    lists.push(&odd);
    assert!(lists.bytes.len() - before <= odd.len() * 2 + 100);
}
