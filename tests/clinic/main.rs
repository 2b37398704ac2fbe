//! What clinics do that concerns several objects at once, over two real engines whose servers remove with an object what
//! hangs on it, as OpenMRS does.

mod backfill;
mod by_name;
mod clocks;
mod closed_visits;
mod copied;
mod crossed;
mod digests;
mod first_run;
mod killed;
mod levels;
mod nodes;
mod removals;
mod resolution;
mod restored;
mod stretches;
mod verification;
mod words;
