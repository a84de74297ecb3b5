//! Operations that stand together, since each found what the one before it left behind.

use super::access::{Access, NONE};
use super::zones::{Zone, Zones};

/// All blocks, while users are given sources and sources taken from them again.
///
/// A block is a chain of groups: a source and those that only looked at what it left behind, then
/// the `cas` that replaced that, with its own, and so on. Where the `cas` at the head of a chain has
/// no source yet, the chain is a part of a block, and what is said of blocks holds for it as well.
pub(super) struct Blocks<'a> {
    pub(super) accesses: &'a [Access],
    /// Of each user its source.
    pub(super) source: Vec<u32>,
    /// Of each source the `cas` that replaced what it left behind.
    pub(super) next: Vec<u32>,
    /// Of each source how many users it has.
    users: Vec<u32>,
    /// Of each source the zone of its group.
    group: Vec<Zone>,
    /// Of each source one of its block: that of the last has itself.
    parent: Vec<u32>,
    /// How many sources have this one, themselves or by others.
    size: Vec<u32>,
    /// Of each source that has itself the zone of its block.
    block: Vec<Zone>,
    zones: Zones,
    changes: Vec<Change>,
    /// How many groups were looked at, and not yet paid for.
    pub(super) steps: usize,
}

/// What one user changed.
struct Change {
    user: u32,
    /// The group of its source, before.
    group: Zone,
    root: u32,
    /// The block of the root, before.
    block: Zone,
    /// The root that was one before.
    child: u32,
}

/// Why a user cannot have a source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clash {
    /// Another `cas` has replaced what the source left behind.
    Taken { user: u32, by: u32 },
    /// The source stands behind the user already.
    Circle { user: u32, source: u32 },
    /// In one block, `early` was complete before `late` began, which stands before it.
    Inside { early: u32, late: u32 },
    /// Each of two blocks precedes the other.
    Between { one: Zone, other: Zone },
}

impl<'a> Blocks<'a> {
    /// Every source by itself.
    pub(super) fn of(accesses: &'a [Access]) -> Self {
        let indexed = || (0..).zip(accesses);
        let zones: Vec<_> = indexed().map(|(index, access)| Zone::of(index, access)).collect();
        let none = vec![NONE; accesses.len()];
        Self {
            accesses,
            source: none.clone(),
            next: none.clone(),
            users: vec![0; accesses.len()],
            group: zones.clone(),
            parent: none,
            size: vec![1; accesses.len()],
            block: zones,
            zones: Zones::new(accesses),
            changes: Vec::new(),
            steps: 0,
        }
    }

    /// Gives each user in `settled` its source, all at once.
    ///
    /// # Errors
    /// When that makes no blocks, or blocks that contradict each other.
    pub(super) fn settle(&mut self, settled: &[(u32, u32)]) -> Result<(), Clash> {
        for &(user, source) in settled {
            let at = source as usize;
            self.source[user as usize] = source;
            self.users[at] += 1;
            let access = &self.accesses[user as usize];
            if access.leaves.is_none() {
                self.group[at] = self.group[at].with(Zone::of(user, access));
            } else if self.next[at] == NONE {
                self.next[at] = user;
            } else {
                return Err(Clash::Taken { user, by: self.next[at] });
            }
        }
        let heads: Vec<_> = self.heads().collect();
        for &head in &heads {
            self.chain(head)?;
        }
        if let Some(user) = self.sources().find(|source| self.parent[*source as usize] == NONE) {
            return Err(Clash::Circle { user, source: self.source[user as usize] });
        }
        let zones: Vec<_> = heads.iter().map(|head| self.block[*head as usize]).collect();
        self.zones.fill(&zones);
        for zone in zones {
            if zone.is_forward() {
                self.hold(&zone)?;
            }
        }
        Ok(())
    }

    fn sources(&self) -> impl Iterator<Item = u32> + use<'a> {
        let indexed = (0..).zip(self.accesses);
        indexed.filter(|(_, access)| access.leaves.is_some()).map(|(index, _)| index)
    }

    /// The first source of every chain.
    pub(super) fn heads(&self) -> impl Iterator<Item = u32> {
        self.sources().filter(|source| self.before(*source) == NONE)
    }

    /// Makes a block of the chain that begins at `head`.
    fn chain(&mut self, head: u32) -> Result<(), Clash> {
        let mut zone = self.group[head as usize];
        self.parent[head as usize] = head;
        let mut at = self.next[head as usize];
        while at != NONE {
            let group = self.group[at as usize];
            self.parent[at as usize] = head;
            self.size[head as usize] += 1;
            behind(&zone, &group)?;
            zone = zone.with(group);
            at = self.next[at as usize];
        }
        self.block[head as usize] = zone;
        Ok(())
    }

    /// The source whose group stands before that of `source`.
    pub(super) fn before(&self, source: u32) -> u32 {
        if self.accesses[source as usize].is_swap() { self.source[source as usize] } else { NONE }
    }

    /// Whether `source` was done, as far as is known by now.
    pub(super) fn is_done(&self, source: u32) -> bool {
        self.accesses[source as usize].is_certain || self.users[source as usize] > 0
    }

    /// The zone of the group of `source`.
    pub(super) fn group(&self, source: u32) -> &Zone {
        &self.group[source as usize]
    }

    /// The zone of the block that `source` is in.
    pub(super) fn block(&self, source: u32) -> &Zone {
        &self.block[self.root(source) as usize]
    }

    fn root(&self, mut source: u32) -> u32 {
        while self.parent[source as usize] != source {
            source = self.parent[source as usize];
        }
        source
    }

    /// Whether a user that only looks would change nothing at `source`, and so contradict nothing.
    pub(super) fn fits(&self, user: u32, source: u32) -> bool {
        let Access { begin, end, leaves, .. } = self.accesses[user as usize];
        let group = self.group(source);
        leaves.is_none()
            && self.is_done(source)
            && group.first_end.time <= end
            && begin <= group.last_begin.time
    }

    /// How many changes there were.
    pub(super) fn mark(&self) -> usize {
        self.changes.len()
    }

    /// Gives `user` the `source`.
    ///
    /// # Errors
    /// When that is a contradiction. It is for the caller to undo what was changed.
    pub(super) fn place(&mut self, user: u32, source: u32) -> Result<(), Clash> {
        self.steps += 1;
        if self.accesses[user as usize].is_swap() {
            self.join(user, source)
        } else {
            self.look(user, source)
        }
    }

    fn look(&mut self, user: u32, source: u32) -> Result<(), Clash> {
        let root = self.root(source);
        self.give(user, source, root, NONE);
        let zone = Zone::of(user, &self.accesses[user as usize]);
        self.group[source as usize] = self.group[source as usize].with(zone);
        self.set_block(root, self.block[root as usize].with(zone));
        self.hold_inside(source, &zone)?;
        self.hold(&self.block[root as usize])
    }

    fn join(&mut self, user: u32, source: u32) -> Result<(), Clash> {
        let by = self.next[source as usize];
        if by != NONE {
            return Err(Clash::Taken { user, by });
        }
        let (front, back) = (self.root(source), self.root(user));
        if front == back {
            return Err(Clash::Circle { user, source });
        }
        let [front_zone, back_zone] = [front, back].map(|root| self.block[root as usize]);
        let is_larger = self.size[front as usize] >= self.size[back as usize];
        let (root, child) = if is_larger { (front, back) } else { (back, front) };
        self.give(user, source, root, child);
        self.next[source as usize] = user;
        self.parent[child as usize] = root;
        self.size[root as usize] += self.size[child as usize];
        self.zones.take(&self.block[child as usize]);
        self.set_block(root, front_zone.with(back_zone));
        behind(&front_zone, &back_zone)?;
        self.hold(&self.block[root as usize])
    }

    fn give(&mut self, user: u32, source: u32, root: u32, child: u32) {
        let (group, block) = (self.group[source as usize], self.block[root as usize]);
        self.changes.push(Change { user, group, root, block, child });
        self.source[user as usize] = source;
        self.users[source as usize] += 1;
    }

    fn set_block(&mut self, root: u32, zone: Zone) {
        let before = std::mem::replace(&mut self.block[root as usize], zone);
        if before.first_end != zone.first_end {
            self.zones.take(&before);
        }
        self.zones.put(&zone);
    }

    /// Holds the block of `zone` against all others.
    fn hold(&self, zone: &Zone) -> Result<(), Clash> {
        let Some(index) = self.zones.contradicting(zone) else { return Ok(()) };
        let group = self.group_of(index);
        Err(Clash::Between { one: *zone, other: *self.block(group) })
    }

    /// Holds `zone`, which has just come to the group of `source`, against the groups around it.
    ///
    /// They are in order: where a group was there when `zone` could be, so were those beyond it.
    fn hold_inside(&mut self, source: u32, zone: &Zone) -> Result<(), Clash> {
        let mut at = self.before(source);
        while at != NONE {
            self.steps += 1;
            let group = &self.group[at as usize];
            behind(group, zone)?;
            if group.first_end.time <= zone.first_end.time {
                break;
            }
            at = self.before(at);
        }
        let mut at = self.next[source as usize];
        while at != NONE {
            self.steps += 1;
            let group = &self.group[at as usize];
            behind(zone, group)?;
            if group.last_begin.time >= zone.last_begin.time {
                break;
            }
            at = self.next[at as usize];
        }
        Ok(())
    }

    /// The source in whose group `index` is.
    pub(super) fn group_of(&self, index: u32) -> u32 {
        let is_source = self.accesses[index as usize].leaves.is_some();
        if is_source { index } else { self.source[index as usize] }
    }

    /// Takes sources from their users again, down to so many changes.
    pub(super) fn undo_to(&mut self, mark: usize) {
        while self.changes.len() > mark {
            let change = self.changes.pop().expect("there are more than the mark");
            let Change { user, group, root, block, child } = change;
            let source = std::mem::replace(&mut self.source[user as usize], NONE);
            self.users[source as usize] -= 1;
            self.group[source as usize] = group;
            self.set_block(root, block);
            if child != NONE {
                self.next[source as usize] = NONE;
                self.parent[child as usize] = child;
                self.size[root as usize] -= self.size[child as usize];
                self.zones.put(&self.block[child as usize]);
            }
        }
    }
}

/// Whether operations of the zone `back` can stand behind those of `front`.
fn behind(front: &Zone, back: &Zone) -> Result<(), Clash> {
    if back.precedes(front) {
        let (early, late) = (back.first_end.index, front.last_begin.index);
        return Err(Clash::Inside { early, late });
    }
    Ok(())
}
