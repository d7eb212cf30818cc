"""Files that are sound each by itself, and do not fit together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jointplan.texts import set_language

LANES = "lane,origin,destination,mode,tariff,transit_days\n"
TARIFF = "tariff,basis,rate,container_kg,container_m3\nT1,container,1000,26000,65\n"
OPERATIONS = "family,step,process,hours\ngeneral,1,moulding,0.1\ngeneral,2,packing,0.1\n"
CAPABILITIES = "firm,process,cost_per_hour\nF1,moulding,50\nF1,packing,50\n"


def told(cluster: Any, rule: str) -> list[tuple[int | None, str]]:
    """Return row and value of what a rule finds; it must only warn."""
    issues = cluster.issues(rule)
    assert all(issue.severity == "warning" for issue in issues)
    return [(issue.row, issue.value) for issue in issues]


def test_files_that_fit_have_no_problem(cluster: Any) -> None:
    """Operations, capabilities, capacity, lanes and a calendar that agree are silent."""
    cluster.write("firms", "firm,role,region\nF1,maker,Shunde\nF2,seller,\n")
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", CAPABILITIES)
    cluster.write("capacity", "firm,process,hours\nF1,moulding,40\nF1,packing,40\n")
    cluster.write("calendar", "region,week,share\nShunde,2024-02-12,0\n")
    cluster.write("sites", "site,kind\nHUB,hub\n")
    cluster.write("tariffs", TARIFF)
    cluster.write("lanes", LANES + "L1,*,HUB,sea,T1,1\nL2,HUB,DE,sea,T1,30\nL3,HUB,US,sea,T1,30\n")
    assert cluster.check().issues == ()


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ("F1,x,,40\nF1,x,2025-03-03,400\n", [(3, "400")]),
        ("F1,x,,40\nF1,x,2025-03-03,48\nF1,x,2025-03-10,120\n", []),
        ("F1,x,,40\nF1,y,2025-03-03,400\n", []),
        ("F1,x,,0\nF1,x,2025-03-03,40\n", []),
        ("F1,x,2025-03-03,40\nF1,x,2025-03-10,40\nF1,x,2025-03-17,400\nF1,x,2025-03-24,44\n", [(4, "400")]),
        ("F1,x,2025-03-03,40\nF1,x,2025-03-10,400\n", []),
    ],
    ids=["a zero more", "busy weeks", "of another process", "closed as a rule", "among other weeks", "usual not known"],
)
def test_a_week_of_many_times_the_usual_hours_is_asked_about(
    cluster: Any, rows: str, where: list[tuple[int, str]]
) -> None:
    """Three shifts are three times one; ten times as much is rather a slip, in whatever week."""
    cluster.write("capacity", "firm,process,week,hours\n" + rows)
    assert told(cluster, "hours_beyond_measure") == where


def test_a_maker_needs_the_capability_for_every_process(cluster: Any) -> None:
    """The product, the firm and the processes it lacks are named, once for the product."""
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,moulding,50\nF2,packing,50\n")
    assert told(cluster, "maker_cannot_make") == [(2, "F1"), (3, "F1")]
    assert "1 of its processes (packing)." in cluster.issues("maker_cannot_make")[0].message
    cluster.write("capabilities", "firm,process,cost_per_hour\nF2,packing,50\nF2,moulding,50\n")
    assert told(cluster, "maker_cannot_make") == [(2, "F1"), (3, "F1")]
    assert "2 of its processes (moulding, packing)." in cluster.issues("maker_cannot_make")[0].message


def test_a_firm_of_the_same_owner_may_do_a_makers_step(cluster: Any) -> None:
    """Firms of one owner divide their work as they like: a step that one of them can do is not missing; one of another owner's is."""
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,moulding,50\nF3,packing,50\n")
    for owners, where in ((("A", "A"), []), (("A", ""), [(2, "F1"), (3, "F1")]), (("", "F1"), [])):
        cluster.write("firms", "firm,owner,role\nF1,{},maker\nF2,,seller\nF3,{},maker\n".format(*owners))
        assert told(cluster, "maker_cannot_make") == where


def test_a_capability_for_other_products_does_not_help(cluster: Any) -> None:
    """A capability for a family or a product holds for that alone."""
    cluster.write("operations", OPERATIONS)
    header = "firm,process,family,sku,cost_per_hour\n"
    cluster.write("capabilities", header + "F1,moulding,general,,50\nF1,packing,,P1,50\nF2,packing,,P2,50\n")
    assert told(cluster, "maker_cannot_make") == [(3, "F1")]


def test_a_step_that_nobody_can_do_is_told_where_it_stands(cluster: Any) -> None:
    """The row of the operation is named, with the products that cannot be made; the maker is not told of the same."""
    cluster.write("operations", OPERATIONS + "general,3,polishing,0.1\n")
    header = "firm,process,family,sku,cost_per_hour\n"
    cluster.write("capabilities", header + "F1,moulding,,,50\nF2,packing,,P1,50\nF1,packing,,P1,50\n")
    assert told(cluster, "step_nobody_can_do") == [(3, "packing"), (4, "polishing")]
    one, several = cluster.issues("step_nobody_can_do")
    assert one.table == several.table == "operations"
    assert one.file.endswith("operations.csv")
    assert "packing for P2: none of it" in one.message
    assert "polishing for 2 products (P1 and others)" in several.message
    assert "capabilities" in one.cure
    assert told(cluster, "maker_cannot_make") == []


def test_a_products_own_routing_replaces_that_of_its_family(cluster: Any) -> None:
    """A process only the family goes through is not asked of the product with its own operations."""
    cluster.write("operations", "sku,family,step,process,hours\n,general,1,moulding,1\nP1,,1,casting,1\n")
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,casting,50\nF2,moulding,50\n")
    assert told(cluster, "maker_cannot_make") == [(3, "F1")]


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("operations", "family,step,proces,hours\ngeneral,1,moulding,0.1\n"),
        ("operations", "family,step,hours\ngeneral,1,0.1\n"),
        ("capabilities", "process,cost_per_hour\nmoulding,50\n"),
        ("capacity", "firm,hours\nF1,40\n"),
        ("products", "sku,makr\nP1,F1\nP2,F1\n"),
        ("products", "maker\nF1\nF1\n"),
        ("firms", "firm\nF1\nF2\n"),
        ("sales", "document,date,market,seller,quantity,unit_price\nA1,2024-03-04,DE,F2,3,10\n"),
    ],
)
def test_a_column_that_is_not_there_is_the_only_problem(cluster: Any, table: str, content: str) -> None:
    """What cannot be known without the column is not held against the other tables."""
    cluster.write("products", "sku,maker,family\nP1,F1,general\nP2,F1,general\n")
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", CAPABILITIES)
    cluster.write("capacity", "firm,process,hours\nF1,moulding,40\nF1,packing,40\n")
    cluster.write("sales", "document,date,sku,market,seller,quantity,unit_price\n"
                  "A1,2024-03-04,P1,DE,F2,3,10\nA2,2024-03-04,P2,US,F2,3,10\n")  # fmt: skip
    assert cluster.check().issues == ()
    cluster.write(table, content)
    issues = cluster.check().issues
    assert {issue.table for issue in issues} == {table}
    assert {issue.rule for issue in issues} <= {"missing_column", "unknown_column"}


def test_a_product_without_routing_is_told(cluster: Any) -> None:
    """Where operations are given they are given for all products made here."""
    cluster.write("operations", "sku,step,process,hours\nP1,1,x,1\n")
    assert told(cluster, "product_without_routing") == [(3, "P2")]


def test_processes_families_and_regions_are_spelt_alike(cluster: Any) -> None:
    """A name that fits nothing is probably a slip."""
    cluster.write("firms", "firm,role,region\nF1,maker,Shunde\nF2,seller,\n")
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", CAPABILITIES + "F1,molding,50\n")
    cluster.write("materials", "family,material,quantity\ngenral,PP,1\n")
    cluster.write("calendar", "region,week,share\nShundee,2024-02-12,0\n")
    assert told(cluster, "process_nobody_uses") == [(4, "molding")]
    assert told(cluster, "family_without_product") == [(2, "genral")]
    assert told(cluster, "region_without_firm") == [(2, "Shundee")]


def test_a_product_without_any_price_is_told(cluster: Any) -> None:
    """A price in the product or in one of its sales is enough."""
    cluster.write("products", "sku,maker,unit_value\nP1,F1,\nP2,F1,5\nP3,F1,\nP4,F1,0\n")
    assert told(cluster, "product_without_price") == [(4, "P3"), (5, "P4")]


def test_a_cluster_in_which_nothing_has_a_price_is_told_so_once(cluster: Any) -> None:
    """A network that only carries goods has hundreds of products and no price: that is one thing, told once."""
    products = "".join(f"P{n},F1\n" for n in range(1, 40))
    cluster.write("products", f"sku,maker\n{products}")
    cluster.write("sales", "document,date,sku,market,seller,quantity,unit_price\nA1,2024-03-04,P1,DE,F2,3,0\n")
    (issue,) = cluster.issues("product_without_price")
    assert (issue.row, issue.column, issue.severity, issue.rows) == (None, "unit_value", "warning", 1)
    assert "39 products" in issue.message
    assert issue.file.endswith("products.csv")
    cluster.write("products", f"sku,maker,unit_value\nP0,F1,5\n{products.replace(',F1', ',F1,')}")
    assert len(told(cluster, "product_without_price")) == 21


@pytest.mark.parametrize(("weight", "volume"), [("1200", "0.012"), ("1.2", "12000"), ("1.2", "12")])
def test_grams_and_litres_are_told_by_the_density(cluster: Any, weight: str, volume: str) -> None:
    """A kettle in grams, in cm³ or in litres weighs what no kettle does."""
    cluster.write("products", f"sku,maker,unit_value,weight,volume\nP1,F1,1,{weight},{volume}\nP2,F1,1,1.2,0.012\n")
    assert told(cluster, "odd_density") == [(2, "P1")]


def test_sides_that_do_not_make_the_volume_are_told(cluster: Any) -> None:
    """30 × 20 × 20 cm are .012 m³: P1 has litres there, P2 fits, a soft P3 fills two thirds; of P4 in inches and P5 in mm the weight tells."""
    cluster.write(
        "products",
        "sku,maker,unit_value,weight,volume,length,width,height\nP1,F1,1,20,12,30,20,20\nP2,F1,1,1,0.012,30,20,20\n"
        "P3,F1,1,1,0.008,30,20,20\nP4,F1,1,20,,12,8,8\nP5,F1,1,1.2,,300,200,200\n",
    )
    (issue,) = cluster.issues("sides_off_volume")
    assert (issue.file, issue.row, issue.column, issue.value) == ("tables/products.csv", 2, "volume", "12")
    assert issue.message == "Length, width and height of P1 make 0.012 m³, its volume is 12 m³."
    assert "in cm" in issue.cure
    assert issue.severity == "warning"
    assert told(cluster, "odd_density") == [(5, "P4"), (6, "P5")]


def test_a_maker_that_makes_nothing_is_told(cluster: Any) -> None:
    """A capability, or a lot that is recorded, is enough to be of use, also without a product of its own; a shipment is not."""
    cluster.write("firms", "firm,role\nF1,maker\nF2,seller\nF3,maker\nF4,maker\n")
    cluster.write("capabilities", "firm,process,cost_per_hour\nF3,x,1\n")
    assert told(cluster, "maker_makes_nothing") == [(5, "F4")]
    header = "row,activity,date,firm,sku,seller,quantity\n"
    cluster.write("recorded", f"{header}1,ship,2024-03-04,F4,P1,F2,3\n")
    assert told(cluster, "maker_makes_nothing") == [(5, "F4")]
    cluster.write("recorded", f"{header}1,make,2024-03-04,F4,P1,F2,3\n")
    assert told(cluster, "maker_makes_nothing") == []


def test_roles_fit_what_firms_do(cluster: Any) -> None:
    """Who makes is a maker, who sells a seller, or both."""
    cluster.write("firms", "firm,role\nF1,seller\nF2,maker\n")
    assert told(cluster, "role_does_not_fit") == [(2, "F1"), (None, "F2")]
    cluster.write("firms", "firm,role\nF1,both\nF2,both\n")
    assert cluster.check().issues == ()


def test_sales_to_come_are_told_and_nothing_but_such_is_an_error(cluster: Any) -> None:
    """Some sales after today are a slip, all of them are no past to learn from."""
    header, later = "document,date,sku,market,seller,quantity,unit_price\n", date.today() + timedelta(days=400)
    cluster.write("sales", f"{header}A1,2024-03-04,P1,DE,F2,3,10\nA2,{later},P1,DE,F2,3,10\n")
    cluster.write("signals", f"date,sku,market,kind,value\n2024-03-04,P1,DE,views,5\n{later},P1,DE,views,5\n")
    found = [(issue.table, issue.row, issue.column, issue.value) for issue in cluster.issues("day_to_come")]
    assert found == [("sales", 3, "date", str(later)), ("signals", 3, "date", str(later))]
    assert {issue.severity for issue in cluster.issues("day_to_come")} == {"warning"}
    cluster.write("sales", f"{header}A2,{later},P1,DE,F2,3,10\n")
    assert [issue.severity for issue in cluster.issues("day_to_come") if issue.table == "sales"] == ["error"]


def test_counts_of_stock_are_checked(cluster: Any) -> None:
    """Blank, strange, negative and doubled counts are named with row and column; days to come and what was never there are warned of."""
    cluster.write(
        "stock_counts",
        "date,site,sku,market,seller,quantity\n"
        "2024-03-10,F1,P1,DE,F2,5\n2024-03-10,F1,P1,DE,F2,6\n2024-03-32,F1,P1,,,5\n2024-03-11,XX,P1,,,5\n"
        "2024-03-11,F1,P9,,,5\n2024-03-11,F1,P1,XX,XX,5\n2024-03-12,F1,P1,,,-1\n2024-03-13,F1,P1,,,\n,F1,P1,,,3\n"
        "2024-03-14,,P1,,,3\n2099-03-14,F1,P1,,,0\n",
    )
    found = sorted(
        (issue.row, issue.column, issue.rule, issue.severity)
        for issue in cluster.check().issues
        if issue.table == "stock_counts"
    )
    assert found == [
        (3, "date, site, sku, market, seller", "duplicate_key", "error"),
        (4, "date", "not_a_date", "error"),
        (5, "site", "unknown_reference", "error"),
        (6, "sku", "unknown_reference", "error"),
        (7, "market", "unknown_reference", "error"),
        (7, "seller", "unknown_reference", "error"),
        (8, "quantity", "too_low", "error"),
        (9, "quantity", "missing_value", "error"),
        (10, "date", "missing_value", "error"),
        (11, "site", "missing_value", "error"),
        (12, "date", "day_to_come", "warning"),
    ]
    cluster.write("stock_counts", "date,site,sku,quantity\n2024-03-10,F1,P1,0\n2024-03-17,F1,P1,0\n")
    (issue,) = cluster.issues("never_counted_in_stock")
    assert (issue.row, issue.severity) == (2, "warning")
    assert "P1" in issue.message


def test_a_line_beyond_all_measure_is_told(cluster: Any) -> None:
    """A billion among orders of five is named with its row and how far it lies from the others; a large order is not."""
    header = "document,date,sku,market,seller,quantity,unit_price\n"
    for largest, found in (("1000000000", [(6, "1000000000.0")]), ("400", [])):
        units = ["5", "4", "6", "5", largest]
        lines = [f"A{day},2024-03-0{day},P1,DE,F2,{unit},10\n" for day, unit in enumerate(units, 1)]
        cluster.write("sales", header + "".join(lines))
        assert told(cluster, "line_beyond_measure") == found
        assert all("of P1 in DE" in issue.message and issue.cure for issue in cluster.issues("line_beyond_measure"))


def test_a_code_means_one_place(cluster: Any) -> None:
    """A market with the code of a firm or a site is an error that names both rows: no lane could tell which is meant."""
    cluster.write("firms", "firm,role\nF1,maker\nUS,maker\nF2,seller\n")
    cluster.write("sites", "site,kind\nHUB,hub\nDE,overseas_warehouse\n")
    issues = sorted(cluster.issues("code_of_two_places"), key=lambda issue: issue.row)
    assert [(issue.file, issue.row, issue.column, issue.value, issue.severity) for issue in issues] == [
        ("tables/markets.csv", 2, "market", "DE", "error"),
        ("tables/markets.csv", 3, "market", "US", "error"),
    ]
    assert "table sites (row 3 of tables/sites.csv)" in issues[0].message
    assert "table firms (row 3 of tables/firms.csv)" in issues[1].message
    assert all("another code" in issue.cure for issue in issues)


def test_a_site_with_the_code_of_a_firm_is_its_own_place(cluster: Any) -> None:
    """As a factory it is sound; as a hub it is an error, and so is a factory of nobody."""
    cluster.write("sites", "site,kind,storage_cost,handling_cost,capacity\nF1,factory,1,2,3\nF2,factory,,,\n")
    assert cluster.check().issues == ()
    cluster.write("sites", "site,kind\nHUB,hub\nF1,hub\nF9,factory\n")
    issues = cluster.issues("place_of_a_firm")
    assert [(issue.row, issue.column, issue.value, issue.severity) for issue in issues] == [
        (3, "kind", "hub", "error"),
        (4, "site", "F9", "error"),
    ]
    assert "(row 2 of tables/firms.csv in the table firms)" in issues[0].message
    assert "factory" in issues[0].cure
    set_language("zh")
    assert "工厂" in cluster.issues("place_of_a_firm")[0].cure


def test_what_no_plan_hears_of_a_firms_own_place_is_told(cluster: Any) -> None:
    """It is open, nothing arrives there, and it lies where the firm does."""
    cluster.write("firms", "firm,role,lat,lon\nF1,maker,22.8,113.2\nF2,seller,,\n")
    header = "site,kind,lat,lon,throughput,opening_cost\n"
    cluster.write("sites", f"{header}F1,factory,22.8,113.2,,0\nHUB,hub,23,113,5,7\n")
    assert told(cluster, "unheard_of_a_firms_place") == []
    cluster.write("sites", f"{header}F1,factory,22.9,113.2,5,7\nF2,factory,22.8,113.2,,\n")
    found = [(issue.row, issue.column) for issue in cluster.issues("unheard_of_a_firms_place")]
    assert found == [(2, "opening_cost"), (2, "throughput"), (2, "lat"), (3, "lat")]
    assert len(told(cluster, "unheard_of_a_firms_place")) == 4


def test_an_overseas_warehouse_without_a_country_is_told_where_duty_is_counted(cluster: Any) -> None:
    """It is taken to lie in the one country that its lanes reach, else at home; which of the two is told."""
    cluster.write(
        "sites",
        "site,kind,country\nW1,overseas_warehouse,\nW2,overseas_warehouse,US\nP,port,\nW3,overseas_warehouse,\n",
    )
    cluster.write("tariffs", TARIFF)
    cluster.write(
        "lanes", LANES + "L1,*,W1,sea,T1,1\nL2,W1,DE,sea,T1,3\nL3,*,US,sea,T1,3\nL4,W3,DE,sea,T1,3\nL5,W3,US,sea,T1,3\n"
    )
    assert told(cluster, "warehouse_without_country") == []
    cluster.write("duties", "market,from_date,rate\nDE,2024-01-01,0.1\n")
    assert [row for row, _ in told(cluster, "warehouse_without_country")] == [2, 5]
    one, several = cluster.issues("warehouse_without_country")
    assert one.column == "country"
    assert "taken to lie in DE" in one.message
    assert "in that of the firms" in several.message


def test_a_lane_from_a_site_back_to_a_firm_is_told(cluster: Any) -> None:
    """Work moves from firm to firm; goods that were made do not come back to one."""
    cluster.write("sites", "site,kind\nHUB,hub\nF1,factory\n")
    cluster.write("tariffs", TARIFF)
    ways = "L1,*,HUB,sea,T1,1\nL2,HUB,DE,sea,T1,3\nL3,HUB,US,sea,T1,3\nL4,F1,F2,road,T1,1\nL5,*,F1,road,T1,1\n"
    cluster.write("lanes", f"{LANES}{ways}L6,HUB,F1,road,T1,1\n")
    assert told(cluster, "lane_back_to_a_firm") == [(7, "F1")]


def test_a_sale_before_the_launch_is_told_with_its_row(cluster: Any) -> None:
    """Named is the first sale before the day of launch, once a product; a sale on that day is none."""
    cluster.write("products", "sku,title,family,maker,unit_value,launched\nP1,Fan,fans,F1,10,2024-03-05\n")
    header = "document,date,sku,market,seller,quantity,unit_price\n"
    day_of = "A1,2024-03-05,P1,DE,F2,5,10\n"
    cluster.write("sales", header + day_of)
    assert told(cluster, "sold_before_launch") == []
    cluster.write("sales", header + day_of + "A2,2024-03-04,P1,DE,F2,5,10\nA3,2023-07-01,P1,DE,F2,1,10\n")
    assert told(cluster, "sold_before_launch") == [(4, "2023-07-01")]
    (issue,) = cluster.issues("sold_before_launch")
    assert "2 lines" in issue.message
    assert "products.launched" in issue.cure


def test_sales_of_nothing_but_zeros_are_told_as_such(cluster: Any) -> None:
    """Zeros are no returns: the message says what the lines hold."""
    header = "document,date,sku,market,seller,quantity,unit_price\n"
    cluster.write("sales", f"{header}A1,2024-03-04,P1,DE,F2,0,10\nA2,2024-03-05,P1,DE,F2,0,10\n")
    assert [issue.severity for issue in cluster.issues("nothing_sold")] == ["error"]
    assert not cluster.issues("only_returns")


def test_a_market_in_which_nothing_was_sold_is_told(cluster: Any) -> None:
    """Unless it is ordered from or waits to be entered, its row is named: nothing is forecast there."""
    cluster.write(
        "markets", "market,country,currency,entry_cost\nDE,DE,EUR,\nUS,US,EUR,\nJP,JP,EUR,\nBR,BR,EUR,900\nFR,FR,EUR,\n"
    )
    cluster.write("orders", "order,due,sku,market,seller,quantity\nO1,2024-05-06,P1,FR,F2,3\n")
    assert told(cluster, "market_without_sales") == [(4, "JP")]


def test_a_week_given_twice_is_told(cluster: Any) -> None:
    """Two days of one week are the same week: both rows are named, in every table that is kept by week."""
    cluster.write("availability", "week,sku,market,share\n2024-03-04,P1,DE,0.5\n2024-03-06,P1,DE,1\n")
    cluster.write("calendar", "week,share\n2024-03-04,0.5\n2024-03-04,1\n")
    found = cluster.issues("duplicate_key")
    assert [(issue.table, issue.row) for issue in found] == [("availability", 3), ("calendar", 3)]
    assert all("Row 2" in issue.message and issue.cure for issue in found)


def test_a_market_no_lane_reaches_is_told(cluster: Any) -> None:
    """A lane that starts where nothing arrives does not count."""
    cluster.write("sites", "site,kind\nHUB,hub\nPORT,port\n")
    cluster.write("tariffs", TARIFF)
    cluster.write("lanes", LANES + "L1,F1,HUB,sea,T1,1\nL2,HUB,DE,sea,T1,30\nL3,PORT,US,sea,T1,30\n")
    assert told(cluster, "market_without_lane") == [(3, "US")]


def test_a_lane_from_a_place_to_itself_is_told(cluster: Any) -> None:
    """Nothing needs to travel from the hub to the hub, nor does it harm a plan; from every maker to the hub it can."""
    cluster.write("sites", "site,kind\nHUB,hub\n")
    cluster.write("tariffs", TARIFF)
    cluster.write("lanes", LANES + "L1,*,HUB,sea,T1,1\nL2,HUB,HUB,sea,T1,3\n")
    (issue,) = cluster.issues("lane_to_itself")
    assert (issue.severity, issue.row, issue.column, issue.value) == ("warning", 3, "destination", "HUB")


def test_a_product_sold_without_a_certificate_is_told(cluster: Any) -> None:
    """Only in markets that certificates name, and not where a firm is certified for all it makes."""
    cluster.write("certificates", "firm,sku,market\n,P2,DE\n")
    assert told(cluster, "product_without_certificate") == [(2, "P1")]
    cluster.write("certificates", "firm,sku,market\n,P2,DE\nF1,,DE\n")
    assert told(cluster, "product_without_certificate") == []


def test_materials_without_a_source_that_is_bought_from_are_told_with_what_is_assumed(cluster: Any) -> None:
    """Of brass nothing is known, P2 is a product that F1 makes, and zinc is sold by a new source alone; steel is bought today."""
    cluster.write("materials", "sku,material,quantity\nP1,brass,1\nP1,P2,1\nP1,zinc,1\nP1,steel,1\n")
    cluster.write(
        "sources", "material,supplier,cost,status\nzinc,A,1,new\nzinc,B,2,new\nsteel,A,1,new\nsteel,B,2,present\n"
    )
    assert told(cluster, "material_without_source") == [(2, "brass"), (3, "P2")]
    brass, part = cluster.issues("material_without_source")
    assert "40 %" in brass.message
    assert "making it for them is not planned" in part.message
    assert "F1 makes it" in part.message
    assert told(cluster, "material_with_new_sources_only") == [(2, "zinc")]


def test_a_container_that_holds_no_unit_is_told(cluster: Any) -> None:
    """A product larger than the container travels on no whole container."""
    cluster.write("products", "sku,maker,unit_value,weight,volume\nP1,F1,1,100,66\nP2,F1,1,1,0.01\n")
    cluster.write("tariffs", TARIFF)
    cluster.write("lanes", LANES + "L1,*,DE,sea,T1,30\nL2,*,US,sea,T1,30\n")
    assert told(cluster, "unit_too_large") == [(2, "L1"), (3, "L2")]


BUILT_IN: dict[str, list[dict[str, Any]]] = {
    "containers": [{"container": "20GP", "kg": 28000.0, "m3": 33.0}, {"container": "40HC", "kg": 26000.0, "m3": 76.0}],
    "weight_rules": [{"rule": "air"}],
}


def test_a_container_that_is_named_holds_what_its_table_or_the_program_says(cluster: Any) -> None:
    """One's own box replaces the built-in of its name; the product, the lane and the container are named."""
    cluster.write("products", "sku,maker,unit_value,weight,volume\nP1,F1,1,1,34\nP2,F1,1,1,0.02\n")
    cluster.write(
        "tariffs", "tariff,basis,rate,container\nT1,container,9,20GP\nT2,container,9,40HC\nT3,container,9,TINY\n"
    )
    cluster.write("containers", "container,from_date,kg,m3\nTINY,2020-01-01,100,0.015\n40HC,2020-01-01,100,30\n")
    cluster.write("lanes", LANES + "".join(f"L{n},*,DE,sea,T{n},30\n" for n in (1, 2, 3)))
    found = cluster.issues("unit_too_large", built_in=BUILT_IN)
    assert [(issue.row, issue.value) for issue in found] == [(2, "L1"), (3, "L2"), (4, "L3")]
    assert (
        "container TINY of the lane L3 cannot hold one unit of P1 or of 1 product more: they cannot go by it."
        in found[2].message
    )
    assert "container 20GP of the lane L1 cannot hold one unit of P1: it cannot go by it." in found[0].message


def test_a_tariff_that_names_what_is_nowhere_is_an_error_at_its_row(cluster: Any) -> None:
    """A container or weight rule in no table, nor built in; what would be read of a table with problems is not told."""
    cluster.write(
        "tariffs",
        "tariff,basis,rate,weight_rule,container\nT1,container,9,,TINY\nT2,kg,9,air,\nT3,kg,9,hair,\nT4,container,9,,20GP\n",
    )
    found = cluster.issues("rule_of_tariff_unknown", built_in=BUILT_IN)
    assert [(issue.row, issue.column, issue.value, issue.severity) for issue in found] == [
        (4, "weight_rule", "hair", "error"), (2, "container", "TINY", "error"),
    ]  # fmt: skip
    assert "20GP, 40HC" in found[1].cure
    cluster.write("containers", "container,from_date,kg,m3\nTINY,2020-01-01,100,0.015\n")
    assert len(cluster.issues("rule_of_tariff_unknown", built_in=BUILT_IN)) == 1


BANDS = "tariff,basis,from_quantity,to_quantity,rate,volumetric,container_kg,container_m3,currency\n"


@pytest.mark.parametrize(
    ("column", "band", "value"),
    [
        ("basis", "m3,10,,2,167,26000,65,EUR", "m3"),
        ("currency", "kg,10,,2,167,26000,65,CNY", "CNY"),
        ("volumetric", "kg,10,,2,200,26000,65,EUR", "200"),
        ("volumetric", "kg,10,,2,,26000,65,EUR", ""),
        ("container_kg", "kg,10,,2,167,20000,65,EUR", "20000"),
        ("container_m3", "kg,10,,2,167,26000,28,EUR", "28"),
    ],
)
def test_the_bands_of_a_tariff_count_and_pay_alike(cluster: Any, column: str, band: str, value: str) -> None:
    """A band that differs from the first is an error at its own row, wherever it stands in the file."""
    cluster.write("fx", "date,currency,rate\n2024-01-01,CNY,0.13\n")
    cluster.write("tariffs", f"{BANDS}T1,{band}\nT1,kg,0,10,3,167,26000,65,EUR\nT2,m3,0,,3,1,1,1,CNY\n")
    (issue,) = cluster.check().errors
    assert (issue.table, issue.file, issue.row) == ("tariffs", "tables/tariffs.csv", 2)
    assert (issue.column, issue.value, issue.rule) == (column, value, "tariff_of_several_kinds")
    assert "row 3" in issue.message
    assert "two tariffs" in issue.cure


def test_the_bands_of_a_tariff_round_sides_alike(cluster: Any) -> None:
    """The plan rounds them as the first band says."""
    bands = "T1,kg,0,10,3,2.54\nT1,kg,10,,2,\nT2,kg,0,,1,1\n"
    cluster.write("tariffs", f"tariff,basis,from_quantity,to_quantity,rate,side_step\n{bands}")
    assert [(issue.row, issue.column) for issue in cluster.issues("tariff_of_several_kinds")] == [(3, "side_step")]


def test_what_is_left_blank_in_a_band_is_what_it_stands_for(cluster: Any) -> None:
    """A blank currency is that of the run, a blank factor nought, a blank limit the default."""
    cluster.write("tariffs", BANDS + "T1,kg,0,10,3,0,26000,65,EUR\nT1,kg,10,,2,,,,\n")
    assert cluster.check().errors == ()


def test_a_price_by_the_container_or_order_is_one_price(cluster: Any) -> None:
    """Dearer or further bands, and a least charge above the price of a container, are said not to be heard."""
    rows = "B,container,0,2,900,0\nB,container,2,,800,0\nC,container,0,,900,1200\nO,order,0,,5,9\nK,kg,0,9,2,3\nK,kg,9,,1,3\n"
    cluster.write("tariffs", "tariff,basis,from_quantity,to_quantity,rate,minimum\n" + rows)
    issues = [issue for issue in cluster.check().warnings if issue.rule == "tariff_price_unheard"]
    assert [(issue.row, issue.value) for issue in issues] == [(3, "800"), (4, "900")]
    assert "row 2" in issues[0].message


def test_bands_leave_no_hole_and_do_not_overlap(cluster: Any) -> None:
    """A load between two bands would have no charge, a load in two of them two."""
    cluster.write("tariffs", "tariff,basis,from_quantity,to_quantity,rate\nT1,kg,20,,2\nT1,kg,0,10,3\n")
    (issue,) = cluster.check().errors
    assert (issue.table, issue.file, issue.row) == ("tariffs", "tables/tariffs.csv", 2)
    assert (issue.column, issue.value, issue.rule) == ("from_quantity", "20", "hole_in_tariff")
    assert "from 10 to 20" in issue.message
    assert issue.cure == "Let each range begin where the one before it ends."
    cluster.write("tariffs", "tariff,basis,from_quantity,to_quantity,rate\nT1,kg,5,,2\nT1,kg,0,10,3\n")
    assert [(issue.rule, issue.row) for issue in cluster.check().errors] == [("overlap", 2)]


@pytest.mark.parametrize("band", ["400,300", "300,100", "100,100"])
def test_one_wrong_limit_of_a_band_is_one_error(cluster: Any, band: str) -> None:
    """A band that ends before it begins is told, and not what follows: a hole, an overlap, its start there twice."""
    bands = "T1,kg,0,100,3\n" + f"T1,kg,{band},2\n" + "T1,kg,300,,1\nT2,kg,0,10,1\nT2,kg,5,,1\n"
    cluster.write("tariffs", f"tariff,basis,from_quantity,to_quantity,rate\n{bands}")
    assert [(issue.rule, issue.row) for issue in cluster.check().errors] == [("wrong_order", 3), ("overlap", 6)]


def test_no_capacity_at_all_is_told(cluster: Any) -> None:
    """All hours zero, one firm's hours zero, and one week of zero are three different things."""
    header = "firm,process,week,hours\n"
    cluster.write("capacity", header + "F1,x,,0\nF2,x,,0\n")
    assert told(cluster, "no_capacity") == [(None, "0")]
    cluster.write("capacity", header + "F1,x,,40\nF2,x,,0\n")
    assert told(cluster, "no_capacity") == [(3, "0")]
    cluster.write("capacity", header + "F1,x,,40\nF1,x,2024-02-12,0\n")
    assert cluster.check().issues == ()


def test_a_capability_needs_capacity(cluster: Any) -> None:
    """Where capacities are given, a firm without one cannot work."""
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,x,1\nF2,x,1\n")
    cluster.write("capacity", "firm,process,hours\nF1,x,40\n")
    assert told(cluster, "capability_without_capacity") == [(3, "x")]


def test_one_firm_and_one_product_are_a_cluster(cluster: Any) -> None:
    """The smallest cluster has no problem: a firm that makes and sells one thing."""
    cluster.write("firms", "firm,role\nF1,both\n")
    cluster.write("products", "sku,maker,unit_value\nP1,F1,1\n")
    cluster.write(
        "sales",
        "document,date,sku,market,seller,quantity,unit_price\nA1,2024-03-04,P1,DE,F1,3,10\nA2,2024-03-11,P1,DE,F1,3,10\n",
    )
    assert cluster.check().issues == ()


def test_a_material_needs_a_source(cluster: Any) -> None:
    """The material that no supplier is given for is named."""
    cluster.write("materials", "sku,material,quantity\nP1,steel,2\nP1,resin,1\n")
    cluster.write("sources", "material,supplier,cost\nsteel,mill,3\n")
    assert told(cluster, "material_without_source") == [(3, "resin")]


OFFER = "material,supplier,from_quantity,cost,minimum,multiple,lead_days,status,currency\n"


@pytest.mark.parametrize(
    ("rows", "where", "said"),
    [
        ("steel,mill,0,3,100,10,14,present,EUR\nsteel,mill,500,2,100,10,14,present,EUR\n", [], ""),
        # What the other rows leave blank is said by the one that says it.
        ("steel,mill,0,3,100,10,14,present,EUR\nsteel,mill,500,2,,,,,\n", [], ""),
        ("steel,mill,0,3,100,,,,\nsteel,ship,0,2,900,,30,new,USD\n", [], ""),
        ("steel,mill,0,3,100,,,,\nsteel,mill,500,2,500,,,,\n", [(2, "minimum", "100")], "with 100 as its minimum here, 500 in another row"),
        ("steel,mill,0,3,,1,,,\nsteel,mill,500,2,,100,,,\n", [(2, "multiple", "1")], "with 1 as its multiple here, 100 in"),
        ("steel,mill,500,2,,,30,,\nsteel,mill,0,3,,,14,,\n", [(2, "lead_days", "30")], "in 30 days here, in 14 at its price for the smallest"),
        # A blank cell of the smallest quantity is a week.
        ("steel,mill,0,3,,,,,\nsteel,mill,500,2,,,30,,\n", [(3, "lead_days", "30")], "in 30 days here, in 7 at"),
        ("steel,mill,0,3,,,,new,\nsteel,mill,500,2,,,,present,\n", [(2, "status", "new")], "to be bought from today"),
        ("steel,mill,0,3,,,,,USD\nsteel,mill,500,2,,,,,\n", [(3, "currency", "")], "asks for EUR for steel here, for USD"),
    ],
    ids=["alike", "blank", "two suppliers", "minimum", "multiple", "lead days", "blank lead days", "status", "currency"],
)  # fmt: skip
def test_prices_of_an_offer_that_differ_in_more_are_told(
    cluster: Any, rows: str, where: list[tuple[int, str, str]], said: str
) -> None:
    """The plan takes one minimum, multiple, time and status for all prices of a supplier and material: which, is said."""
    cluster.write("materials", "sku,material,quantity\nP1,steel,2\n")
    cluster.write("fx", "currency,date,rate\nUSD,2024-03-01,0.9\n")
    cluster.write("sources", OFFER + rows)
    issues = cluster.issues("offer_of_several_kinds")
    assert [(issue.row, issue.column, issue.value) for issue in issues] == where
    assert all(said in issue.message and issue.severity == "warning" and issue.cure for issue in issues)


@pytest.mark.parametrize(
    ("column", "first", "other", "message"),
    [
        ("minimum", "100", "500", "mill 供应 steel，本行的“最小起订量”为 100，另一行为 500：其全部价格都按较大者。"),
        ("lead_days", "14", "30", "mill 供应 steel，本行的到货天数为 30 天，最小数量档为 14 天：其全部价格都按后者。"),
        ("status", "new", "present", "mill 在本行是 steel 的新货源，在另一行是现有货源：视为目前已在采购，本行价格同样适用。"),
        ("currency", "EUR", "USD", "mill 的 steel 在本行以 USD 计价，最小数量档以 EUR 计价：各按其汇率折算。"),
    ],
)  # fmt: skip
def test_what_differs_in_an_offer_is_told_in_chinese(
    cluster: Any, column: str, first: str, other: str, message: str
) -> None:
    """Whole sentences, with the column by its Chinese name."""
    cluster.write("materials", "sku,material,quantity\nP1,steel,2\n")
    cluster.write("fx", "currency,date,rate\nUSD,2024-03-01,0.9\n")
    cluster.write(
        "sources", f"material,supplier,from_quantity,cost,{column}\nsteel,mill,0,3,{first}\nsteel,mill,500,2,{other}\n"
    )
    set_language("zh")
    assert [issue.message for issue in cluster.issues("offer_of_several_kinds")] == [message]


def test_what_goes_into_itself_is_an_error_that_names_the_circle(cluster: Any) -> None:
    """Directly, or over other products; a product that is a part of another is none."""
    cluster.write("materials", "sku,material,quantity\nP1,P1,2\n")
    (issue,) = cluster.issues("material_made_of_itself")
    assert (issue.severity, issue.row, issue.file) == ("error", 2, "tables/materials.csv")
    assert "P1 → P1" in issue.message
    cluster.write("materials", "sku,material,quantity\nP1,P2,2\nP2,steel,1\n")
    assert cluster.issues("material_made_of_itself") == []


def test_every_row_of_a_circle_is_named_and_nothing_else(cluster: Any) -> None:
    """The rows that close the circle, not the first of the product; the family's rows count; no source is asked for what goes round."""
    cluster.write("products", "sku,family,maker,unit_value\nP1,a,F1,1\nP2,b,F1,1\n")
    cluster.write("materials", "sku,family,material,quantity\nP1,,steel,2\nP1,,P2,1\n,b,steel,1\n,b,P1,1\n")
    cluster.write("sources", "material,supplier,cost\nsteel,mill,3\n")
    found = cluster.issues("material_made_of_itself")
    assert sorted((issue.row, issue.value) for issue in found) == [(3, "P2"), (5, "P1")]
    assert cluster.issues("material_without_source") == []


def test_positions_that_cannot_be_meant_are_warned_of_once(cluster: Any) -> None:
    """All exchanged, a minus forgotten, another part of the world: one warning each with file, row, column and cure."""
    header = "firm,role,lat,lon,currency\n"
    brazil = [(-21.7, -48.8), (-21.8, -48.7), (-21.9, -48.9)]

    def warned(places: list[tuple[float, float]]) -> list[tuple[str, int | None, str, str]]:
        rows = "".join(f"F{n},both,{lat},{lon},BRL\n" for n, (lat, lon) in enumerate(places, start=1))
        cluster.write("firms", header + rows)
        found = cluster.issues("position_elsewhere")
        assert all(issue.severity == "warning" and issue.cure for issue in found)
        return [(issue.file, issue.row, issue.column, issue.message) for issue in found]

    assert warned(brazil) == []
    (swapped,) = warned([(lon, lat) for lat, lon in brazil])
    assert swapped[:3] == ("tables/firms.csv", 2, "lat")
    assert "exchanged in 3 rows" in swapped[3]
    (unsigned,) = warned([brazil[0], (-21.8, 48.7), (-21.9, 48.9)])
    assert unsigned[:3] == ("tables/firms.csv", 3, "lon")
    assert "F2, F3" in unsigned[3]
    (elsewhere,) = warned([*brazil, (35.0, 170.0)])
    assert elsewhere[:3] == ("tables/firms.csv", 5, "lon")


def test_a_whole_file_of_exchanged_coordinates_is_one_error(cluster: Any) -> None:
    """Twenty firms of Foshan with latitude and longitude exchanged, longitude above 90: one error with file, count and cure; each of a few is named."""

    def told(rows: list[tuple[object, object]]) -> list[tuple[str, str, int | None, str]]:
        lines = "".join(f"F{n},both,{lat},{lon},CNY\n" for n, (lat, lon) in enumerate(rows, start=1))
        cluster.write("firms", "firm,role,lat,lon,currency\n" + lines)
        return [(i.rule, i.file, i.row, i.message) for i in cluster.check().issues if i.column in ("lat", "lon")]

    right = [(22.8 + n / 100, 113.2 + n / 50) for n in range(20)]
    assert told(list(right)) == []
    exchanged = [(lon, lat) for lat, lon in right]
    for all_of_them, count in (([*exchanged, ("", "")], 20), (exchanged[:1], 1), ([*exchanged[:5], (89.5, 22.8)], 6)):
        ((rule, file, row, message),) = [issue for issue in told(list(all_of_them)) if issue[0] != "position_elsewhere"]
        assert (rule, file, row) == ("exchanged_columns", "tables/firms.csv", 2)
        assert f"({count} rows)" in message
    (issue,) = [i for i in cluster.check().issues if i.rule == "exchanged_columns"]
    assert issue.severity == "error"
    assert "lat and lon" in issue.cure
    few = [(lon, lat) if n in (3, 7) else (lat, lon) for n, (lat, lon) in enumerate(right)]
    assert [(rule, row) for rule, _, row, _ in told(list(few))] == [("too_high", 5), ("too_high", 9)]
    most = [(lon, lat) if n > 3 else (lat, lon) for n, (lat, lon) in enumerate(right)]
    assert {rule for rule, *_ in told(list(most))} == {"too_high"}


def test_a_decided_lot_needs_a_firm_that_can_make_it(cluster: Any) -> None:
    """Firm, product and all the processes it lacks are named, once for the row."""
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", CAPABILITIES)
    cluster.write("approved", "week,firm,sku,seller,quantity\n2024-03-04,F2,P1,F2,10\n2024-03-04,F1,P1,F2,10\n")
    assert told(cluster, "lot_nobody_can_make") == [(2, "F2")]
    assert "2 of its processes (moulding, packing)" in cluster.issues("lot_nobody_can_make")[0].message


def test_the_chain_of_a_decided_lot_needs_firms_that_can_do_their_steps(cluster: Any) -> None:
    """A chain of two firms that can do a step each is fine, though its last cannot do all; of others it is told what is wrong, once a row."""
    cluster.write("operations", OPERATIONS)
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,moulding,50\nF2,packing,50\n")
    fine, wrong = (
        ("F2,F1 > F2",),
        (
            ("F2,F1 > F9", "names F9, not in the table firms"),
            ("F2,F1>F2", "names F1>F2, not in the table firms"),
            ("F2,F1 > F1 > F2", "names 3 firms for 2 steps (moulding, packing)"),
            ("F1,F1 > F2", "ends at F2, but the lot is decided at F1"),
            ("F1,F2 > F1", "firms lack a capability: F2 for moulding, F1 for packing."),
        ),
    )
    rows = "".join(f"2024-03-04,P1,F2,10,{row}\n" for row in (*fine, *(row for row, _ in wrong)))
    cluster.write("approved", f"week,sku,seller,quantity,firm,chain\n{rows}")
    assert told(cluster, "lot_of_no_chain") == [(n, row.split(",")[1]) for n, (row, _) in enumerate(wrong, start=3)]
    for issue, (_, message) in zip(cluster.issues("lot_of_no_chain"), wrong, strict=True):
        assert message in issue.message
        assert issue.column == "chain"
    assert told(cluster, "lot_nobody_can_make") == []
    cluster.write(
        "approved", "week,sku,seller,quantity,firm,chain\n2024-03-04,P1,F2,10,F2,F2 > F2\n2024-03-04,P1,F2,10,F2,\n"
    )
    assert told(cluster, "lot_of_no_chain") == []
    assert told(cluster, "lot_nobody_can_make") == [(2, "F2"), (3, "F2")]


def test_a_decided_lot_is_for_a_firm_that_sells(cluster: Any) -> None:
    """The first lot for a firm that only makes is asked about, one for a seller is not."""
    cluster.write("firms", "firm,role\nF1,maker\nF2,seller\nF3,both\n")
    rows = "2024-03-04,F1,P2,F1,10\n2024-03-04,F1,P1,F2,10\n2024-03-11,F1,P1,F1,10\n2024-03-04,F1,P1,F3,10\n"
    cluster.write("approved", f"week,firm,sku,seller,quantity\n{rows}")
    lots = [issue for issue in cluster.issues("role_does_not_fit") if issue.table == "approved"]
    assert [(issue.row, issue.column, issue.value, issue.severity) for issue in lots] == [
        (2, "seller", "F1", "warning")
    ]
    assert "A lot of P2 is decided for F1" in lots[0].message


def test_potentials_are_of_markets_to_be_entered(cluster: Any) -> None:
    """A market without an entry cost is entered already."""
    cluster.write("potentials", "sku,market,seller,quantity,unit_price\nP1,DE,F2,10,20\n")
    assert told(cluster, "potential_of_an_entered_market") == [(2, "DE")]


def test_entry_costs_are_of_markets_nobody_sells_in(cluster: Any) -> None:
    """A market with an entry cost in which something is sold is pointed out, and so is a campaign where nothing is."""
    cluster.write("markets", "market,country,currency,entry_cost\nDE,DE,EUR,100\nUS,US,USD,\n")
    cluster.write("sales", "source,document,date,sku,market,seller,quantity,unit_price\ns,1,2025-03-03,P1,DE,F2,1,20\n")
    cluster.write("campaigns", "market,cost,uplift\nUS,100,0.1\nDE,100,0.1\n")
    assert told(cluster, "entry_to_a_served_market") == [(2, "DE")]
    assert told(cluster, "campaign_without_sales") == [(2, "US")]


def test_workshops_need_work_and_hours_and_owners_say_it_all(cluster: Any) -> None:
    """A workshop without capabilities, and an owner of whom only one firm has a row in credit, are pointed out."""
    cluster.write("firms", "firm,owner,role\nF1,O,maker\nF2,O,seller\nW,,workshop\nF3,,seller\n")
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,press,1\n")
    cluster.write("credit", "firm,cash\nF3,5\nF2,5\n")
    assert told(cluster, "workshop_that_can_do_nothing") == [(4, "W")]
    assert told(cluster, "owner_partly_short_of_money") == [(3, "O")]


def test_a_design_has_one_owner(cluster: Any) -> None:
    """The rows that name another owner than the product's first are errors; several designs of one owner are not."""
    cluster.write("designs", "design,owner,sku,market\nA,F1,P1,DE\nA,F1,P1,US\nB,F2,P1,\nC,F2,P2,\nE,F1,,\n")
    (issue,) = cluster.issues("design_of_several_owners")
    assert (issue.row, issue.column, issue.value, issue.severity) == (4, "owner", "F2", "error")


def test_a_firm_that_begins_in_debt_and_a_single_sale_are_asked_about(cluster: Any) -> None:
    """Both are read as they stand, and both may be slips."""
    cluster.write("credit", "firm,cash,limit\nF1,100,50\nF2,-300,0\n")
    cluster.write("sales", "document,date,sku,market,seller,quantity,unit_price\nA1,2024-03-04,P1,DE,F2,3,10\n")
    assert told(cluster, "cash_below_zero") == [(3, "-300")]
    assert told(cluster, "single_sale") == [(None, "")]


def test_owners_who_do_not_say_what_money_they_have_are_told_where_others_do(cluster: Any) -> None:
    """Once, by their names; neither carriers nor workshops take part with money, and nothing is told where nobody says any."""
    firms = "firm,owner,role\nF1,O,maker\nF2,O,seller\nF3,,seller\nF4,,both\nW,,workshop\nC,,carrier\n"
    cluster.write("firms", firms)
    cluster.write("credit", "firm,cash\nF1,5\nF2,5\n")
    (issue,) = cluster.issues("owner_without_credit")
    assert (issue.table, issue.row, issue.column, issue.severity) == ("credit", None, "firm", "warning")
    assert issue.message.startswith("2 owners who make or sell do not say what money there is (F3, F4):")
    assert "credit" in issue.cure
    cluster.write("credit", "firm,cash\nF1,5\nF2,5\nF3,5\nF4,5\n")
    assert told(cluster, "owner_without_credit") == []
    # A maker that has no product and can do nothing takes no part, nor does a shared workshop; a supplier that can do something does.
    cluster.write("firms", firms + "IDLE,,maker\nABLE,,supplier\n")
    cluster.write("capabilities", "firm,process,cost_per_hour\nF1,x,1\nABLE,x,1\nW,x,1\n")
    (issue,) = cluster.issues("owner_without_credit")
    assert issue.message.startswith("1 owner who makes or sells does not say what money there is (ABLE):")
    cluster.write("credit", "firm,cash\n")
    assert told(cluster, "owner_without_credit") == []
