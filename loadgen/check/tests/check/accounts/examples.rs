//! The smallest histories that are wrong in each way, and those next to them that are not.

use loadgen_check::AnomalyKind::{
    BrokenTotal, ConflictingReads, NotLinearizable, Overdraft, Overspending, PhantomRefusal,
    TornRead, WrongBalance,
};
use loadgen_check::history::{NEVER, NIL};
use loadgen_check::{Anomaly, AnomalyKind, Judgement, Model, Object, Verdict};

use super::{Line, anomalies, bank, blank, by_rules, failed, judged, lost, moved, read, refused};
use crate::sample::anomaly;

/// What both hold at first.
const BOTH: [(i64, i64); 2] = [(1, 100), (2, 50)];

fn found(lines: &[Line<'_>]) -> Vec<Anomaly> {
    anomalies(&bank(&BOTH, lines), None)
}

fn found_with_floor(lines: &[Line<'_>]) -> Vec<Anomaly> {
    anomalies(&bank(&BOTH, lines), Some(0))
}

#[test]
fn what_moves_lead_to_is_right() {
    assert_eq!(found(&[]), []);
    assert_eq!(found(&[read(&BOTH, 0, 10)]), []);
    let by_30 = moved(30, [1, 2], 0, 10);
    assert_eq!(found(&[by_30, read(&[(1, 70), (2, 80)], 20, 30)]), []);
    // Ties are concurrent, and so is what overlaps.
    assert_eq!(found(&[by_30, read(&BOTH, 10, 30)]), []);
    assert_eq!(found(&[by_30, read(&BOTH, 5, 30), read(&[(2, 80), (1, 70)], 6, 7)]), []);
    // Nobody knows whether it was made, or it certainly was not.
    let perhaps = lost(30, [1, 2], 0);
    assert_eq!(found(&[perhaps, read(&[(1, 70), (2, 80)], 20, 30)]), []);
    assert_eq!(found(&[perhaps, read(&BOTH, 20, 30), read(&[(1, 70)], 40, 50)]), []);
    assert_eq!(found(&[failed(30, [1, 2], 0, 10), read(&BOTH, 20, 30)]), []);
    // An answer without a result was done, or says nothing.
    let unread = Line { result: NIL, ..by_30 };
    assert_eq!(found(&[unread, read(&[(1, 70), (2, 80)], 20, 30), blank(40, 50)]), []);
    assert_eq!(found(&[moved(7, [1, 1], 0, 10), read(&BOTH, 5, 30)]), []);
    // Without a floor there is no limit, and a refusal says nothing.
    assert_eq!(found(&[moved(130, [1, 2], 0, 10), read(&[(1, -30)], 20, 30)]), []);
    assert_eq!(found(&[refused(1, [1, 2], 0, 10), read(&BOTH, 20, 30)]), []);
    // An account of which nothing is told holds nothing at first.
    assert_eq!(found(&[moved(5, [1, 3], 0, 10), read(&[(3, 5), (4, 0)], 20, 30)]), []);
}

#[test]
fn money_that_appears_or_vanishes_breaks_the_total() {
    let broken = |time_ns, witness| vec![anomaly(BrokenTotal, &[time_ns], &[witness])];
    assert_eq!(found(&[read(&[(1, 100), (2, 51)], 0, 10)]), broken(10, 0));
    let by_30 = moved(30, [1, 2], 0, 10);
    assert_eq!(found(&[by_30, read(&[(1, 70), (2, 50)], 20, 30)]), broken(30, 1));
    let both = [read(&[(1, 1), (2, 1)], 0, 30), read(&[(2, 9), (1, 9)], 0, 20)];
    assert_eq!(found(&both), [anomaly(BrokenTotal, &[20, 30], &[1])]);
    // Accounts that hold nothing and never will count neither way.
    assert_eq!(found(&[read(&[(1, 100), (2, 51), (3, 0)], 0, 10)]), broken(10, 0));
    // Of some accounts there is no total.
    let some =
        anomalies(&bank(&[(1, 100), (2, 50), (3, 1)], &[read(&[(1, 99), (2, 50)], 0, 9)]), None);
    assert_eq!(some, [anomaly(WrongBalance, &[9], &[0])]);
}

#[test]
fn a_balance_that_no_moves_lead_to_is_wrong() {
    let wrong = |time_ns, witness| vec![anomaly(WrongBalance, &[time_ns], &[witness])];
    let by_30 = moved(30, [1, 2], 0, 10);
    assert_eq!(found(&[by_30, read(&[(1, 100)], 11, 30)]), wrong(30, 1));
    assert_eq!(found(&[by_30, read(&[(1, 100)], 10, 30)]), []);
    assert_eq!(found(&[by_30, read(&BOTH, 20, 30)]), wrong(30, 1), "a move was lost");
    // Moves that overlap it are made or not, each as a whole.
    assert_eq!(found(&[by_30, read(&[(1, 85), (2, 65)], 5, 30)]), wrong(30, 1));
    assert_eq!(found(&[read(&[(1, 70), (2, 80)], 0, 10), moved(30, [1, 2], 11, 20)]), wrong(10, 0));
    assert_eq!(found(&[read(&[(1, 70), (2, 80)], 0, 10), moved(30, [1, 2], 10, 20)]), []);
    assert_eq!(
        found(&[failed(30, [1, 2], 0, 10), read(&[(1, 70), (2, 80)], 20, 30)]),
        wrong(30, 1)
    );
    let twice = [lost(30, [1, 2], 0), read(&[(1, 40), (2, 110)], 20, 30)];
    assert_eq!(found(&twice), wrong(30, 1));
    // A move to itself changes nothing, whether it is made or not.
    let to_itself = [moved(7, [1, 1], 0, 30), lost(3, [1, 1], 0), read(&[(1, 93)], 5, 9)];
    assert_eq!(found(&to_itself), wrong(9, 2));
}

#[test]
fn a_read_that_shows_one_half_of_a_move_is_torn() {
    let by_30 = moved(30, [1, 2], 0, 40);
    let torn = |half| found(&[by_30, read(half, 10, 30)]);
    assert_eq!(torn(&[(1, 70), (2, 50)]), [anomaly(TornRead, &[30], &[1])]);
    assert_eq!(torn(&[(1, 100), (2, 80)]), [anomaly(TornRead, &[30], &[1])]);
    assert_eq!(torn(&[(1, 70)]), []);
    let back = [by_30, moved(30, [2, 1], 0, 40), read(&[(1, 70), (2, 80), (3, 0)], 10, 30)];
    assert_eq!(found(&back), []);
    // The sum may be right all the same.
    let four = [(1, 10), (2, 10), (3, 10), (4, 10)];
    let moves = [moved(1, [1, 2], 0, 40), moved(1, [3, 4], 0, 40)];
    let shown = |row| anomalies(&bank(&four, &[moves[0], moves[1], read(row, 10, 30)]), None);
    let halves = [(1, 9), (2, 10), (3, 10), (4, 11)];
    assert_eq!(shown(&halves), [anomaly(TornRead, &[30], &[2])]);
    assert_eq!(shown(&[(1, 9), (2, 11), (3, 10), (4, 10)]), []);
    assert_eq!(shown(&halves[1..=2]), []);
    // What was over before is seen where what came after it is.
    let both = |row| {
        let lines = [moved(2, [3, 4], 0, 10), moved(1, [1, 2], 11, 40), read(row, 5, 30)];
        anomalies(&bank(&four, &lines), None)
    };
    assert_eq!(both(&[(1, 9), (3, 10)]), [anomaly(TornRead, &[30], &[2])]);
    assert_eq!(both(&[(1, 9), (3, 8)]), []);
    assert_eq!(both(&[(1, 9), (2, 11)]), []);
}

#[test]
fn a_later_read_sees_what_an_earlier_one_saw() {
    let by_30 = moved(30, [1, 2], 0, 100);
    let after = read(&[(1, 70), (2, 80)], 10, 20);
    let before = |call_ns| read(&BOTH, call_ns, 90);
    let conflict = [anomaly(ConflictingReads, &[90], &[1, 2])];
    assert_eq!(found(&[by_30, after, before(21)]), conflict);
    assert_eq!(found(&[by_30, after, before(20)]), []);
    assert_eq!(found(&[lost(30, [1, 2], 0), after, before(21)]), conflict);
    // Of two moves that do the same, each read can have seen another only if it saw both.
    let again = moved(30, [1, 2], 0, 100);
    assert_eq!(found(&[by_30, again, after, before(21)]).len(), 1);
    assert_eq!(found(&[by_30, again, after, read(&[(1, 40)], 30, 40)]), []);
    // Two reads that overlap, and see two moves each without the other.
    let lines =
        [by_30, moved(7, [1, 2], 0, 100), read(&[(1, 70)], 10, 50), read(&[(1, 93)], 20, 60)];
    assert_eq!(found(&lines), [anomaly(ConflictingReads, &[60], &[2, 3])]);
}

#[test]
fn nothing_falls_below_the_floor() {
    let below = read(&[(1, -1), (2, 151)], 20, 30);
    let lines = [lost(101, [1, 2], 0), below];
    assert_eq!(found_with_floor(&lines), [anomaly(Overdraft, &[30], &[1])]);
    assert_eq!(anomalies(&bank(&BOTH, &lines), Some(-1)), []);
    assert_eq!(found(&lines), []);
    // What was there at first may be less than the floor.
    let poor = [(1, -5), (2, 50)];
    assert_eq!(anomalies(&bank(&poor, &[read(&poor, 0, 10)]), Some(0)), []);
    let poorer = read(&[(1, -6)], 0, 10);
    let kinds = |lines: &[Line<'_>]| -> Vec<AnomalyKind> {
        let found = anomalies(&bank(&poor, lines), Some(0));
        found.into_iter().map(|anomaly| anomaly.kind).collect()
    };
    assert_eq!(kinds(&[poorer]), [WrongBalance, Overdraft]);
}

#[test]
fn no_more_is_moved_out_than_can_have_come_in() {
    let out = moved(80, [1, 2], 0, 10);
    let overspending = |lines: &[Line<'_>]| found_with_floor(lines);
    assert_eq!(overspending(&[out, moved(20, [1, 3], 20, 30)]), []);
    let too_much = [out, moved(21, [1, 3], 20, 30)];
    assert_eq!(overspending(&too_much), [anomaly(Overspending, &[30], &[0, 1])]);
    assert_eq!(overspending(&[moved(101, [1, 2], 0, 10)]), [anomaly(Overspending, &[10], &[0])]);
    // What may have come in by then counts.
    let back = |call_ns| moved(1, [2, 1], call_ns, 50);
    assert_eq!(overspending(&[out, too_much[1], back(30)]), []);
    assert_eq!(overspending(&[out, too_much[1], back(31)]).len(), 1);
    assert_eq!(overspending(&[out, too_much[1], lost(1, [2, 1], 5)]), []);
    assert_eq!(overspending(&[lost(80, [1, 2], 0), too_much[1]]), []);
    // Each that is too many counts; as few as are needed are shown.
    let more = [out, moved(1, [1, 2], 5, 15), moved(30, [1, 3], 20, 30), moved(5, [1, 3], 40, 50)];
    assert_eq!(overspending(&more), [anomaly(Overspending, &[30, 50], &[0, 2])]);
}

#[test]
fn what_is_there_is_not_refused() {
    let refusal = |amount| refused(amount, [1, 2], 20, 30);
    let phantom = [anomaly(PhantomRefusal, &[30], &[0])];
    assert_eq!(found_with_floor(&[refusal(100)]), phantom);
    assert_eq!(found_with_floor(&[refusal(101)]), []);
    assert_eq!(found_with_floor(&[refusal(100), moved(1, [1, 2], 0, 10)]), []);
    assert_eq!(found_with_floor(&[refusal(100), moved(1, [1, 2], 30, 40)]), []);
    assert_eq!(found_with_floor(&[refusal(100), moved(1, [1, 2], 31, 40)]), phantom);
    assert_eq!(found_with_floor(&[refusal(100), lost(1, [1, 2], 25)]), []);
    assert_eq!(found_with_floor(&[refusal(100), moved(1, [1, 1], 0, 10)]), phantom);
    // What came in after the refusal began need not have been there.
    assert_eq!(found_with_floor(&[refusal(101), moved(1, [2, 1], 0, 19)]), phantom);
    assert_eq!(found_with_floor(&[refusal(101), moved(1, [2, 1], 0, 20)]), []);
    // Between going out and coming in it was not.
    let gap = [refusal(100), moved(9, [1, 2], 21, 40), moved(9, [2, 1], 0, 28)];
    assert_eq!(found_with_floor(&gap), []);
}

/// A move that nobody heard of is in the order where another needs it.
#[test]
fn a_move_of_which_nobody_heard_covers_another() {
    let lines = [lost(50, [2, 1], 0), moved(130, [1, 3], 10, 20), read(&[(3, 130)], 30, 40)];
    let judgement = by_rules(&bank(&BOTH, &lines), Some(0)).unwrap();
    assert_eq!((judgement.verdict, judgement.order), (Verdict::Valid, Some(vec![0, 1, 2])));
    // One that makes a refusal right as well.
    let lines = [lost(50, [1, 2], 0), refused(60, [1, 3], 10, 20), read(&[(3, 0)], 30, 40)];
    let judgement = by_rules(&bank(&BOTH, &lines), Some(0)).unwrap();
    assert_eq!((judgement.verdict, judgement.order), (Verdict::Valid, Some(vec![0, 1, 2])));
}

/// A read of other accounts does not hold up what another move needs.
#[test]
fn a_read_of_some_accounts_leaves_the_others_alone() {
    let lines = [
        moved(50, [2, 1], 0, 100),
        moved(130, [1, 3], 0, 100),
        read(&[(3, 130)], 10, 20),
        moved(1, [2, 4], 90, 100),
    ];
    assert_eq!(anomalies(&bank(&[(1, 100), (2, 60)], &lines), Some(0)), []);
}

#[test]
fn what_the_rules_leave_open_a_search_decides_where_it_is_short() {
    let model = Model::Accounts { floor: Some(0) };
    // Each of the moves needs the other one.
    let lines = [moved(60, [1, 2], 0, 10), moved(60, [2, 1], 0, 10)];
    let object = bank(&[(1, 50), (2, 50)], &lines);
    assert_eq!(by_rules(&object, Some(0)), None);
    assert_eq!(judged(&object, model).anomalies, [anomaly(NotLinearizable, &[10], &[0])]);
    // Others may have put something in.
    let shared = Object { is_shared: true, ..object };
    let unknown = "no order of the moves was found that explains every answer";
    assert_eq!(judged(&shared, model), Judgement::unknown(unknown));
}

#[test]
fn what_others_may_have_done_proves_nothing() {
    let cases: [(&[Line<'_>], bool); 6] = [
        (&[read(&[(1, 100), (2, 51)], 0, 10)], false),
        (&[read(&[(1, 99)], 0, 10)], false),
        (&[moved(1, [1, 2], 0, 10), read(&[(1, 99), (2, 50)], 5, 10)], false),
        (&[moved(101, [1, 2], 0, 10)], false),
        (&[refused(1, [1, 2], 0, 10)], false),
        (&[read(&[(1, -1)], 0, 10)], true),
    ];
    for (lines, is_proven) in cases {
        let model = Model::Accounts { floor: Some(0) };
        let object = bank(&BOTH, lines);
        assert_eq!(judged(&object, model).verdict, Verdict::Invalid);
        let shared = Object { is_shared: true, ..object };
        let expected = if is_proven { Verdict::Invalid } else { Verdict::Unknown };
        assert_eq!(judged(&shared, model).verdict, expected, "{shared:?}");
    }
}

#[test]
fn what_is_no_history_of_accounts_is_left_undecided() {
    let good = bank(&BOTH, &[moved(1, [1, 2], 0, 10), read(&[], 0, 10)]);
    assert_eq!(anomalies(&good, None), []);
    for (at, change) in [
        (0, loadgen_check::Operation { arg: 0, ..good.operations[0] }),
        (0, loadgen_check::Operation { new: NIL, ..good.operations[0] }),
        (0, loadgen_check::Operation { call_ns: 11, ..good.operations[0] }),
        (1, loadgen_check::Operation { return_ns: NEVER, ..good.operations[1] }),
        (1, loadgen_check::Operation { op: loadgen_check::history::Op::Add, ..good.operations[1] }),
    ] {
        let mut object = good.clone();
        object.operations[at] = change;
        assert_eq!(by_rules(&object, None), None, "{change:?}");
    }
    assert_eq!(by_rules(&bank(&[(1, 5), (1, 5)], &[]), None), None);
}

#[test]
fn too_many_moves_at_once_are_not_tried() {
    // Even amounts never make an odd balance, but nothing else tells that.
    let moves = (500..540).map(|half| moved(2 * half, [1, 2], 0, 100));
    let lines: Vec<_> = moves.chain([read(&[(1, -20_001)], 10, 20)]).collect();
    let object = Object { is_shared: true, ..bank(&[], &lines) };
    let judgement = judged(&object, Model::Accounts { floor: None });
    let reason = judgement.reason.unwrap();
    assert_eq!(reason, "1 read overlapped more moves than can be tried");
}
