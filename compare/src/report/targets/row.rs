use super::super::{CellReport, Metric, Report, number};
use super::aim::{Aim, Verdict};
use super::list::{Target, USER_TIME};
use super::{NOT_IN_RUN, OURS};

/// A target with what a report says about it.
pub(super) struct Row<'a> {
    target: &'a Target,
    bare: String,
    best: String,
    ours: [String; 2],
}

impl<'a> Row<'a> {
    pub(super) fn of(report: &Report, target: &'a Target) -> Row<'a> {
        let cell = cell_of(report, target.cell);
        let mut row =
            Row { target, bare: String::new(), best: String::new(), ours: Default::default() };
        let Some(cell) = cell else {
            let ours = OURS.map(|(ours, _)| ours);
            row.ours = ours.map(|ours| row.if_asked(ours, || NOT_IN_RUN.to_owned()));
            return row;
        };
        let metric = target.metric;
        let figure = |peer: &str| Some(cell.figure(peer, metric)?.representative(cell, metric));
        let best = best_peer(report, cell, metric);
        if let Some((best, value)) = best.and_then(|best| Some((best, figure(best)?))) {
            row.best = format!("{best} {}", number::text(value));
        }
        let mut bare: Vec<&str> = target.ours.iter().filter_map(|it| target.bare.of(it)).collect();
        bare.dedup();
        let bare =
            bare.iter().filter_map(|bare| Some(format!("{bare} {}", number::text(figure(bare)?))));
        row.bare = bare.collect::<Vec<_>>().join(", ");
        row.ours = OURS.map(|(ours, _)| row.if_asked(ours, || row.judged(cell, ours, best)));
        row
    }

    pub(super) fn texts(self) -> [String; 6] {
        let [on_mio, on_ring] = self.ours;
        let (what, told) = (self.target.what.to_owned(), self.target.told.to_owned());
        [what, told, self.bare, self.best, on_mio, on_ring]
    }

    fn if_asked(&self, ours: &str, text: impl FnOnce() -> String) -> String {
        if self.target.ours.contains(&ours) { text() } else { String::new() }
    }

    fn judged(&self, cell: &CellReport, ours: &str, best: Option<&str>) -> String {
        let metric = self.target.metric;
        let Some(figure) = cell.figure(ours, metric) else {
            let row = cell.rows.iter().find(|row| row.peer == ours);
            let why = row.and_then(|row| row.skipped.as_deref());
            return why.map_or("not measured".to_owned(), |why| format!("not measured: {why}"));
        };
        let bare = self.target.bare.of(ours).and_then(|bare| cell.figure(bare, metric));
        let bare = bare.map(|bare| bare.representative(cell, metric));
        let value = number::text(figure.representative(cell, metric));
        match self.target.aim.judge(cell, metric, figure, bare, best) {
            None => format!("{value}; nothing to compare it with"),
            Some(verdict) => {
                let though = self.though(verdict, figure.representative(cell, metric));
                format!("{value}{}: {}{though}", self.limit(verdict), verdict.text())
            }
        }
    }

    /// Says so if the figure of another day is kept where the ratio is not.
    fn though(&self, verdict: Verdict, value: f64) -> String {
        match self.target.aim {
            Aim::UnderAsThen { aim, .. } if verdict.missed.is_some() && value <= aim => {
                format!(", though under {}", number::text(aim).trim_end_matches(".00"))
            }
            _ => String::new(),
        }
    }

    /// Says the limit where it is not in the aim's words.
    fn limit(&self, verdict: Verdict) -> String {
        if matches!(self.target.aim, Aim::Nothing | Aim::Under(_)) {
            return String::new();
        }
        let bound = if self.target.metric.more_is_better() { "least" } else { "most" };
        format!(" (at {bound} {})", number::text(verdict.limit))
    }
}

/// Gives the runtime in Rust with the best figure.
pub(super) fn best_peer<'a>(
    report: &Report,
    cell: &'a CellReport,
    metric: Metric,
) -> Option<&'a str> {
    let is_peer = |name: &str| {
        let peer = report.peers.iter().find(|peer| peer.name == name);
        peer.is_some_and(|peer| peer.kind == "peer" && peer.name != "libuv")
    };
    let figures = cell.rows.iter().filter(|row| is_peer(&row.peer)).filter_map(|row| {
        let value = row.figures.get(&metric)?.representative(cell, metric);
        Some((row.peer.as_str(), if metric.more_is_better() { -value } else { value }))
    });
    figures.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(name, _)| name)
}

/// Says so if user time was taken from runs that are too short for it.
pub(super) fn short_user_time(report: &Report) -> Option<String> {
    let cell = cell_of(report, USER_TIME)?;
    (!cell.tells_user_time()).then(|| {
        format!(
            "User time is the kernel's estimate by its ticks, here the mean of runs of {} ms each, and rough; the cell \
             `{USER_TIME}` takes the median of ten runs of 5 s.",
            cell.measured_ms
        )
    })
}

/// Finds a cell; that of user time, which takes long, may have to be a shorter one of the same load.
fn cell_of<'a>(report: &'a Report, name: &str) -> Option<&'a CellReport> {
    let find = |name: &str| report.cells.iter().find(|cell| cell.name == name);
    find(name).or_else(|| if name == USER_TIME { find("echo-50x1K") } else { None })
}
