use super::*;

fn all(lists: &Lists) -> Vec<Vec<i64>> {
    lists.all().map(|list| list.elements().collect()).collect()
}

fn sorted(list: &[i64]) -> Vec<i64> {
    let mut list = list.to_vec();
    list.sort_unstable();
    list
}

/// Lists that grow, lose elements, have some twice, and come in any order.
fn made_up(rng: &mut fastrand::Rng) -> Vec<Vec<i64>> {
    let scale = *rng.choice(&[1, -1, 1 << 40, i64::MAX / 1000]).unwrap();
    let mut grown: Vec<i64> = Vec::new();
    let lists = (0..rng.usize(0..20)).map(|_| {
        for _ in 0..rng.usize(0..40) {
            grown.push(scale * rng.i64(0..1000));
        }
        let mut list = grown.clone();
        list.retain(|_| rng.u8(..) > 10);
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

#[test]
fn lists_hold_what_they_were_given() {
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..2_000 {
        let given = made_up(&mut rng);
        let lists: Lists = given.iter().collect();
        assert_eq!(lists.len(), given.len());
        for (index, (given, list)) in given.iter().zip(lists.all()).enumerate() {
            let held: Vec<i64> = list.elements().collect();
            assert_eq!(sorted(&held), sorted(given), "list {index}");
            assert_eq!((list.len(), list.is_empty()), (given.len(), given.is_empty()));
            assert_eq!(list.numbers().count() + list.repeated().count(), given.len());
            assert!(given.iter().all(|element| list.contains(*element)));
        }
        assert!(lists.get(given.len()).is_none());
        // Written and read, they are the same.
        assert_eq!(all(&lists).iter().collect::<Lists>(), lists);
    }
}

#[test]
fn lists_behind_others_are_as_if_pushed_there() {
    let mut rng = fastrand::Rng::with_seed(2);
    for _ in 0..2_000 {
        let (one, two) = (made_up(&mut rng), made_up(&mut rng));
        let mut lists: Lists = one.iter().collect();
        lists.append(&two.iter().collect());
        let in_one: Lists = one.iter().chain(&two).collect();
        assert_eq!(lists, in_one);
        assert_eq!(all(&lists), all(&in_one));
    }
}

#[test]
fn an_element_that_comes_again_is_counted_as_often() {
    let lists: Lists = [&[5, 3, 5, 5][..], &[], &[3]].into_iter().collect();
    assert_eq!(all(&lists), [vec![5, 3, 5, 5], vec![], vec![3]]);
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
