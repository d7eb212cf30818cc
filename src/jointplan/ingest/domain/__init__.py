"""What a planner's own files get wrong between tables: one function per check, a file for each theme.

Nothing here stops a run unless nothing could come of it: these are the questions a colleague would ask on seeing the
files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jointplan.errors import DataIssue
from jointplan.ingest.domain.borders import (
    Planned,
    certificate_run_out,
    duty_rule_not_in_force,
    export_mode_not_in_force,
)
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.domain.exchange import rate_off_course
from jointplan.ingest.domain.making import (
    capability_without_capacity,
    hours_above_calendar,
    hours_beyond_measure,
    lot_far_from_weeks,
    lot_for_no_seller,
    lot_nobody_can_make,
    lot_of_no_chain,
    maker_cannot_make,
    no_capacity,
    process_nobody_uses,
    product_without_routing,
    step_nobody_can_do,
    weeks_without_hours,
    workshop_that_can_do_nothing,
)
from jointplan.ingest.domain.materials import (
    dearer_in_bulk,
    material_made_of_itself,
    material_on_hand_without_source,
    material_with_new_sources_only,
    material_without_source,
    offer_of_several_kinds,
)
from jointplan.ingest.domain.members import (
    cash_below_zero,
    design_of_several_owners,
    family_without_product,
    maker_by_role,
    maker_makes_nothing,
    odd_density,
    owner_partly_short_of_money,
    owner_without_credit,
    product_without_price,
    region_without_firm,
    sides_off_volume,
)
from jointplan.ingest.domain.moving import (
    market_without_lane,
    rule_of_tariff_not_in_force,
    rule_of_tariff_unknown,
    tariff_of_several_kinds,
    tariff_price_unheard,
    tariff_that_ends,
    tariff_with_holes,
    unit_too_large_for_lane,
)
from jointplan.ingest.domain.places import (
    code_of_two_places,
    lane_back_to_a_firm,
    place_of_a_firm,
    position_elsewhere,
    unheard_of_a_firms_place,
    warehouse_without_country,
)
from jointplan.ingest.domain.records import Records, far_from_other_sales, hole_in_records, read_records
from jointplan.ingest.domain.selling import (
    campaign_without_sales,
    days_to_come,
    entry_to_a_served_market,
    line_beyond_measure,
    market_without_sales,
    never_counted_in_stock,
    potential_of_an_entered_market,
    product_without_certificate,
    sellers_days_and_quantities,
    sold_before_launch,
)

CHECKS: tuple[Callable[[Cluster], Iterator[DataIssue]], ...] = (
    step_nobody_can_do,
    maker_cannot_make,
    product_without_routing,
    process_nobody_uses,
    family_without_product,
    region_without_firm,
    product_without_price,
    odd_density,
    sides_off_volume,
    maker_makes_nothing,
    maker_by_role,
    sellers_days_and_quantities,
    days_to_come,
    sold_before_launch,
    far_from_other_sales,
    hole_in_records,
    never_counted_in_stock,
    line_beyond_measure,
    market_without_sales,
    market_without_lane,
    lane_back_to_a_firm,
    product_without_certificate,
    rule_of_tariff_unknown,
    unit_too_large_for_lane,
    tariff_of_several_kinds,
    tariff_price_unheard,
    tariff_with_holes,
    tariff_that_ends,
    rate_off_course,
    cash_below_zero,
    no_capacity,
    capability_without_capacity,
    hours_beyond_measure,
    material_without_source,
    material_on_hand_without_source,
    material_with_new_sources_only,
    dearer_in_bulk,
    offer_of_several_kinds,
    material_made_of_itself,
    code_of_two_places,
    place_of_a_firm,
    unheard_of_a_firms_place,
    warehouse_without_country,
    position_elsewhere,
    lot_nobody_can_make,
    lot_of_no_chain,
    lot_for_no_seller,
    potential_of_an_entered_market,
    entry_to_a_served_market,
    campaign_without_sales,
    workshop_that_can_do_nothing,
    owner_partly_short_of_money,
    owner_without_credit,
    design_of_several_owners,
)


def domain_issues(cluster: Cluster) -> Iterator[DataIssue]:
    """Yield what all checks find."""
    for check in CHECKS:
        yield from check(cluster)


def planned_issues(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Yield what checks find that must know the weeks planned."""
    yield from rule_of_tariff_not_in_force(cluster, planned.start)
    yield from duty_rule_not_in_force(cluster, planned)
    yield from export_mode_not_in_force(cluster, planned)
    yield from certificate_run_out(cluster, planned)
    yield from lot_far_from_weeks(cluster, planned)
    yield from weeks_without_hours(cluster, planned)
    yield from hours_above_calendar(cluster, planned)


__all__ = ["Cluster", "Planned", "Records", "domain_issues", "planned_issues", "read_records"]
