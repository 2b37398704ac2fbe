//! A list of steps, from a seed or from a line of text.

use std::fmt;
use std::str::FromStr;

use crate::random::Random;
use crate::steps::Step;
use crate::trial::Setting;

/// The fewest and the most steps.
const LENGTHS: (u32, u32) = (6, 26);

/// What is done, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub setting: Setting,
    /// Says how the servers are configured, and what they are like.
    pub variant: u32,
    pub steps: Vec<Step>,
}

impl Schedule {
    /// In every second one databases are copied and put back.
    pub fn random(setting: Setting, seed: u64) -> Schedule {
        let mut random = Random::of(seed);
        let variant = random.below(1000);
        let with_copies = seed.is_multiple_of(2);
        let length = LENGTHS.0 + random.below(LENGTHS.1 - LENGTHS.0 + 1);
        let steps = (0..length).map(|_| Step::random(&mut random, setting.nodes(), with_copies)).collect();
        Schedule { setting, variant, steps }
    }

    /// Returns true if databases are copied.
    pub fn has_copies(&self) -> bool {
        self.steps.iter().any(|step| step.deed.is_of_copies())
    }

    /// The same without some of its steps.
    pub fn without(&self, steps: std::ops::Range<usize>) -> Schedule {
        let left = self.steps.iter().enumerate().filter(|(place, _)| !steps.contains(place));
        Schedule { steps: left.map(|(_, step)| *step).collect(), ..self.clone() }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:", self.setting.name(), self.variant)?;
        let mut between = " ";
        for step in &self.steps {
            write!(f, "{between}{step}")?;
            between = "; ";
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(line: &str) -> Result<Schedule, String> {
        let (head, steps) = line.split_once(':').ok_or_else(|| format!("no colon in {line:?}"))?;
        let (setting, variant) = head.trim().split_once(' ').ok_or_else(|| format!("no variant in {head:?}"))?;
        let setting = Setting::parse(setting).ok_or_else(|| format!("no setting is named {setting}"))?;
        let variant = variant.trim().parse().map_err(|_| format!("{variant} is no variant"))?;
        let steps =
            steps.split(';').filter(|step| !step.trim().is_empty()).map(str::parse).collect::<Result<_, _>>()?;
        Ok(Schedule { setting, variant, steps })
    }
}
