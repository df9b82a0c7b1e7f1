"""Costs are those of whole months: a run over one day changes what earlier days of its month cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from duckdb_project import DuckdbProject
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log

GIGABYTE = 2**30
COSTS = ("run", "--select", "+fct_data_transfer_cost_daily")


def send(project: DuckdbProject, day: str, gigabytes: int) -> None:
    """Write a flow log of a day in which one interface of us-east-1 sends so much to the internet."""
    start = epoch(f"{day}T12:00:00")
    line = flow_line("A", dstaddr="8.8.8.8", bytes=gigabytes * GIGABYTE, start=start, end=start + 59)
    write_flow_log(project, flow_log_path(day, day[-2:]), DEFAULT_HEADER, line)


def rebuild(project: DuckdbProject, day: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Run the models of costs over a single day; return billable GB and cost of every day."""
    project.dbt(*COSTS, variables={"start_date": day, "end_date": day}).check()
    rows = project.query(
        "select event_date, billable_gb, estimated_cost from fct_data_transfer_cost_daily "
        "where traffic_class = 'internet_egress' order by 1"
    )
    return {str(event_date): (billable_gb, cost) for event_date, billable_gb, cost in rows}


def test_a_later_day_changes_what_earlier_days_of_its_month_cost(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    send(project, "2026-10-31", 200)
    project.dbt("seed").check()
    # 100 of 200 GB are free, and 100 x 0.09 are 9.00.
    october = {"2026-10-31": (Decimal(100), Decimal(9))}
    assert rebuild(project, "2026-10-31") == october

    # All of 60 GB is free.
    send(project, "2026-11-01", 60)
    assert rebuild(project, "2026-11-01") == {**october, "2026-11-01": (Decimal(0), Decimal(0))}

    # Half of 60 + 140 GB is free: 30 x 0.09 are 2.70, 70 x 0.09 are 6.30.
    send(project, "2026-11-20", 140)
    november = {"2026-11-01": (Decimal(30), Decimal("2.7")), "2026-11-20": (Decimal(70), Decimal("6.3"))}
    assert rebuild(project, "2026-11-20") == {**october, **november}

    # The first of December is another month.
    send(project, "2026-12-01", 50)
    december = {"2026-12-01": (Decimal(0), Decimal(0))}
    assert rebuild(project, "2026-12-01") == {**october, **november, **december}
