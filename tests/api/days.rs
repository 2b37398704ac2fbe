//! What the runs of the last days came to.

use serde_json::{Value, json};
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, category, get, patient};

const DAY_MS: i64 = 86_400_000;

#[test]
fn each_of_the_last_days_is_told_with_what_its_runs_came_to() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p"));
    let program = Program::of(&parent);
    program.post("pull", json!({}));
    program.perform_all();
    let days = program.get("days?days=3&aheadMinutes=180");
    let days = days.as_array().unwrap();
    assert_eq!(days.len(), 3);
    for (index, day) in days.iter().enumerate() {
        let from = day["from"].as_i64().unwrap();
        assert_eq!((from + 3 * 3_600_000) % DAY_MS, 0, "midnight in the zone of the reader");
        assert_eq!(from, days[0]["from"].as_i64().unwrap() + index as i64 * DAY_MS);
    }
    let done = |day: &Value| (day["done"].clone(), day["parked"].clone(), day["conflicts"].clone());
    assert_eq!(done(&days[0]), (json!(0), json!(0), json!(0)));
    assert_eq!(done(&days[2]), (json!(1), json!(0), json!(0)));
}

#[test]
fn more_days_and_zones_than_there_are_is_refused() {
    let program = Program::of(&MockParent::start());
    assert_eq!(program.get("days").as_array().unwrap().len(), 14);
    for wrong in ["days=0", "days=32", "days=x", "aheadMinutes=-721", "aheadMinutes=841", "from=0"] {
        assert_eq!(program.refused(&get(&format!("days?{wrong}"))).0, 400, "{wrong}");
    }
}
