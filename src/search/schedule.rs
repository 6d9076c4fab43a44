//! How many trials, for how many epochs: successive halving and Hyperband.
//!
//! A bracket of successive halving (K. Jamieson, A. Talwalkar, "Non-stochastic best arm
//! identification and hyperparameter optimization", 2016) begins with many configs for a few epochs;
//! after each round only the best η-th part goes on, for η times as many. With n configs, at most R
//! epochs and s promotions, round i = 0..s has
//!
//! ```text
//! nᵢ = ⌊n·η⁻ⁱ⌋ configs        rᵢ = ⌊R·η^(i - s)⌋ epochs
//! ```
//!
//! Few epochs may not tell a slow config from a bad one, and how many are enough nobody knows
//! beforehand. Hyperband (L. Li et al., "Hyperband: a novel bandit-based approach to hyperparameter
//! optimization", JMLR 2018) therefore runs a bracket for each s, from the boldest to one without
//! promotions, all of about the same cost of (s_max + 1)·R epochs:
//!
//! ```text
//! s = s_max, …, 0        s_max = ⌊log_η R⌋        n = ⌈(s_max + 1)·ηˢ/(s + 1)⌉
//! ```

/// So many configs, the best of the round before, for so many epochs each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Round {
    pub configs: usize,
    pub epochs: usize,
}

/// Rounds of fewer and fewer configs for more and more epochs.
pub(super) type Bracket = Vec<Round>;

/// Successive halving from `configs`, with as many promotions as configs and epochs allow.
pub(super) fn halving(configs: usize, epochs: usize, eta: usize) -> Bracket {
    bracket(configs, epochs, eta, configs.min(epochs).ilog(eta))
}

/// All brackets of Hyperband, the boldest first.
pub(super) fn hyperband(epochs: usize, eta: usize) -> Vec<Bracket> {
    let most = epochs.ilog(eta);
    let configs = |promotions| {
        // At most twice the epochs: in 128 bits nothing overflows.
        let all = (u128::from(most) + 1) * (eta as u128).pow(promotions);
        usize::try_from(all.div_ceil(u128::from(promotions) + 1)).unwrap_or(usize::MAX)
    };
    (0..=most).rev().map(|s| bracket(configs(s), epochs, eta, s)).collect()
}

fn bracket(configs: usize, epochs: usize, eta: usize, promotions: u32) -> Bracket {
    let round =
        |i| Round { configs: configs / eta.pow(i), epochs: epochs / eta.pow(promotions - i) };
    (0..=promotions).map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(bracket: &Bracket) -> Vec<(usize, usize)> {
        bracket.iter().map(|round| (round.configs, round.epochs)).collect()
    }

    #[test]
    fn the_brackets_are_those_of_the_papers_table_1() {
        let brackets: Vec<_> = hyperband(81, 3).iter().map(pairs).collect();
        assert_eq!(
            brackets,
            [
                vec![(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
                vec![(34, 3), (11, 9), (3, 27), (1, 81)],
                vec![(15, 9), (5, 27), (1, 81)],
                vec![(8, 27), (2, 81)],
                vec![(5, 81)],
            ]
        );
    }

    #[test]
    fn halving_promotes_as_often_as_configs_and_epochs_allow() {
        assert_eq!(pairs(&halving(27, 27, 3)), [(27, 1), (9, 3), (3, 9), (1, 27)]);
        assert_eq!(pairs(&halving(10, 100, 3)), [(10, 11), (3, 33), (1, 100)]);
        assert_eq!(pairs(&halving(100, 4, 2)), [(100, 1), (50, 2), (25, 4)]);
        assert_eq!(pairs(&halving(1, 1, 2)), [(1, 1)]);
    }

    proptest! {
        #[test]
        fn every_round_has_work_and_the_last_all_epochs(
            configs in 1usize..1 << 40, epochs in 1usize..1 << 40, eta in 2usize..1 << 20,
        ) {
            let mut brackets = hyperband(epochs, eta);
            brackets.push(halving(configs, epochs, eta));
            for rounds in brackets {
                prop_assert!(rounds.iter().all(|round| round.configs > 0 && round.epochs > 0));
                prop_assert!(rounds.is_sorted_by(|a, b| a.epochs < b.epochs && a.configs > b.configs));
                prop_assert_eq!(rounds.last().unwrap().epochs, epochs);
            }
        }
    }
}
