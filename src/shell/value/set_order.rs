//! The order in which CPython's sets give their members (`Objects/setobject.c`, 3.12): it hangs on
//! the members' hashes alone, and texts that print a set show it.

/// How many neighbours of a slot are tried before the next jump.
const LINEAR: usize = 9;

/// The places of members with these hashes, in the order of a set to which they were added one by
/// one. No two members are equal.
pub fn set_order(hashes: &[u64]) -> Vec<usize> {
    let mut table: Vec<Option<usize>> = vec![None; 8];
    let hash = |member: usize| hashes.get(member).copied().unwrap_or(0);
    for member in 0..hashes.len() {
        insert(&mut table, hash(member), member);
        let used = member + 1;
        if used * 5 >= (table.len() - 1) * 3 {
            let least = if used > 50_000 { used * 2 } else { used * 4 };
            let mut size = 8;
            while size <= least {
                size *= 2;
            }
            let old = std::mem::replace(&mut table, vec![None; size]);
            for member in old.into_iter().flatten() {
                insert(&mut table, hash(member), member);
            }
        }
    }
    table.into_iter().flatten().collect()
}

fn insert(table: &mut [Option<usize>], hash: u64, member: usize) {
    let mask = table.len() - 1;
    let mut perturb = hash as usize;
    let mut at = perturb & mask;
    loop {
        let probes = if at + LINEAR <= mask { LINEAR } else { 0 };
        let free = (at..=at + probes).find(|&slot| table.get(slot).is_some_and(Option::is_none));
        if let Some(slot) = free.and_then(|slot| table.get_mut(slot)) {
            *slot = Some(member);
            return;
        }
        perturb >>= 5;
        at = at.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
    }
}

#[cfg(test)]
mod tests {
    use super::set_order;

    #[test]
    fn members_come_as_in_cpython() {
        let order = |members: &[u64]| -> Vec<u64> {
            let order = set_order(members);
            order
                .into_iter()
                .filter_map(|at| members.get(at).copied())
                .collect()
        };
        // python3 -c "s = set()
        // for n in [..]: s.add(n)
        // print(list(s))"
        assert_eq!(order(&[3, 1, 2]), [1, 2, 3]);
        assert_eq!(order(&[100, 33, 7, 64, 8, 15]), [64, 33, 100, 7, 8, 15]);
        assert_eq!(
            order(&[144, 9, 57, 30, 91, 12, 66, 5, 120, 77, 48, 101]),
            [66, 5, 101, 9, 12, 77, 144, 48, 120, 57, 91, 30]
        );
    }
}
