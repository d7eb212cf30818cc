"""The measures of cooperation, declared once: what each does, its strand, and whether competition law may touch it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One thing that members of a cluster can do together: a right that a plan has or lacks.

    Parameters
    ----------
    name : str
        Machine name, used in settings and on the command line.
    label, label_zh : str
        Name as people read it.
    strand, strand_zh : str
        Production management, supply chain, data sharing or ecosystem.
    meaning, meaning_zh : str
        What it does, in one sentence.
    sensitive : bool
        Whether competition law may touch it among rivals; shown wherever the measure is.
    unvalued, unvalued_zh : str
        Why no plan values it, in one sentence; empty where plans do.
    needs, needs_zh : str
        What the tables must hold to give it something to work on, in one sentence; empty where it always has something.
    """

    name: str
    label: str
    label_zh: str
    strand: str
    strand_zh: str
    meaning: str
    meaning_zh: str
    sensitive: bool = False
    unvalued: str = ""
    unvalued_zh: str = ""
    needs: str = ""
    needs_zh: str = ""


PRODUCTION = ("Production management", "生产管理")
SUPPLY_CHAIN = ("Supply chain", "供应链")
DATA_SHARING = ("Data sharing", "数据共享")
ECOSYSTEM = ("Ecosystem", "生态圈")

PLAN_MEASURES: tuple[Measure, ...] = (
    Measure(
        "pool_orders",
        "Pooled orders",
        "拼单生产",
        *PRODUCTION,
        "Orders of several sellers for one product, or for one family, are made in one batch and share its setup.",
        "多家卖家同一产品或同一产品族的订单合并成一批生产，共用一次换型。",
    ),
    Measure(
        "share_capacity",
        "Shared capacity",
        "共享产能",
        *PRODUCTION,
        "Any capable member may make a product whose present maker is full or dearer.",
        "现有生产企业产能已满或成本较高时，可由其他有能力的成员代为生产。",
    ),
    Measure(
        "divide_labour",
        "Divided labour",
        "工序分工",
        *PRODUCTION,
        "Members do single steps of a product for one another: each step where it is done best, the goods handed on between them.",
        "成员之间互相承接单道工序：每道工序由最擅长者完成，在制品在企业间流转。",
        needs="It takes routings of several steps in the table operations, and other owners' firms that can do some of them in capabilities, with hours in capacity; and the setting plan.making.chains above 0.",
        needs_zh="需要 operations（工序）表中有多道工序的路线，且 capabilities（加工能力）与 capacity（产能）表中有其他所有者的企业能做其中的工序；且设置 plan.making.chains 大于 0。",
    ),
    Measure(
        "add_capability",
        "Added capabilities",
        "新增工艺能力",
        *PRODUCTION,
        "A member learns a process that it could not do, and does it for the others too; what learning costs is paid once, by whose orders use it.",
        "由一家成员学会新工艺并为其他成员加工；学习费用只支付一次，由使用该工艺的订单分摊。",
        needs="It takes rows with a learn_cost in the table capabilities, of processes that firms could learn, and hours for them in capacity.",
        needs_zh="需要 capabilities（加工能力）表中有填写 learn_cost 的工艺，并在 capacity（产能）表中填写其工时。",
    ),
    Measure(
        "open_shared_workshop",
        "Shared workshop",
        "共享车间",
        *PRODUCTION,
        "Members open a workshop that belongs to none of them and do jobs or single steps there; opening it is paid once, by whose orders use it.",
        "成员共同开设一间不属于任何一家的车间，在其中完成整件或单道工序；开设费用只支付一次，由使用它的订单分摊。",
        needs="It takes a firm with the role workshop in the table firms, what it can do in capabilities, and its hours in capacity.",
        needs_zh="需要 firms（企业）表中有角色为 workshop 的共享车间，并在 capabilities（加工能力）与 capacity（产能）表中填写其工艺与工时。",
    ),
    Measure(
        "license_designs",
        "Licensed designs",
        "设计许可",
        *ECOSYSTEM,
        "Members make products of one another's designs, and pay the design's owner a royalty on what they make.",
        "成员可生产彼此设计的产品，并按产量向设计权利人支付许可费。",
        needs="It takes products with their design's owner in the table designs, and other owners' firms that can make them in capabilities.",
        needs_zh="需要 designs（设计）表中登记产品的设计权利人，且 capabilities（加工能力）表中有其他所有者的企业能生产该产品。",
    ),
    Measure(
        "pool_purchases",
        "Pooled purchases",
        "联合采购",
        *SUPPLY_CHAIN,
        "Members buy a material in one order, which reaches better prices and the supplier's smallest order together.",
        "成员合并采购同一物料，共同达到供应商起订量与更优价格档。",
        needs="It takes materials of products in the table materials, and in sources prices that depend on the order: a from_quantity, a minimum, a multiple or a new supplier.",
        needs_zh="需要 materials（物料清单）表中有产品所用物料，且 sources（货源）表中有随订货量变化的价格：from_quantity、minimum、multiple 或新供应商。",
    ),
    Measure(
        "substitute_imports",
        "Import substitution",
        "进口替代",
        *SUPPLY_CHAIN,
        "Members qualify new suppliers of a material together and buy there in place of the present ones, such as those abroad.",
        "成员共同认证物料的新供应商，以替代现有（如境外）货源。",
        needs="It takes suppliers with the status new in the table sources, of materials in the table materials.",
        needs_zh="需要 sources（货源）表中有状态为 new 的供应商，其物料列于 materials（物料清单）表。",
    ),
    Measure(
        "enter_market",
        "Market entry",
        "市场开拓",
        *SUPPLY_CHAIN,
        "Members enter a new market together: what it takes to be known and admitted there is paid once for all of them.",
        "成员共同进入新市场：推广与准入费用只需支付一次，由全体共享。",
        needs="It takes a market with an entry_cost in the table markets, and what could be sold there in potentials; plans of past weeks enter none.",
        needs_zh="需要 markets（市场）表中有填写 entry_cost 的市场，并在 potentials（市场潜力）表中填写可销量；过去各周的计划不进入新市场。",
        sensitive=True,
    ),
    Measure(
        "joint_promotion",
        "Joint promotion",
        "联合推广",
        *ECOSYSTEM,
        "Members promote in a market together: a campaign is paid once for all of them and raises what each can sell there.",
        "成员在同一市场联合推广：推广费用只支付一次，提高全体成员在该市场的销量。",
        needs="It takes rows in the table campaigns, for markets in which something is sold; plans of past weeks run none.",
        needs_zh="需要 campaigns（推广活动）表中有已有销售的市场的推广；过去各周的计划不做推广。",
    ),
    Measure(
        "consolidate_freight",
        "Consolidated freight",
        "拼箱集运",
        *SUPPLY_CHAIN,
        "Goods of several owners travel as one load, fill containers together and reach cheaper bands of the tariff.",
        "多家货物合并为一票发运，共同装满集装箱，适用更低的运价档。",
    ),
    Measure(
        "overseas_warehouse",
        "Overseas warehouse",
        "海外仓",
        *ECOSYSTEM,
        "Members open a warehouse overseas together: it is opened once for all of them, and each sells from it.",
        "成员共同开设海外仓：只需开设一次，全体成员均可由此发货。",
        needs="It takes a site of the kind overseas_warehouse with an opening_cost in the table sites, where no goods lie yet.",
        needs_zh="需要 sites（节点）表中有类型为 overseas_warehouse、填写 opening_cost 且尚无存货的海外仓。",
    ),
)
# What members can do together that changes nothing that a plan may do, and is therefore no right of a plan.
OTHER_MEASURES: tuple[Measure, ...] = (
    Measure(
        "differentiate",
        "Differentiation",
        "产品差异化",
        *ECOSYSTEM,
        "Members whose products are nearly alike each take a niche of their own, so that they no longer sell against one another.",
        "产品高度相似的成员各自占据不同细分，不再相互低价竞争。",
        sensitive=True,
        unvalued="A plan takes demand and prices as given, and no table tells what buyers choose when a product is no longer "
        "offered: any gain would be an assumption about rivals' prices.",
        unvalued_zh="计划以需求与价格为已知，而各表均未记录某产品退出后买家会改买什么：任何增益都只是对竞争者价格的假设。",
    ),
    Measure(
        "share_demand_data",
        "Shared demand data",
        "需求数据共享",
        *DATA_SHARING,
        "Members pool what they know of demand, within what may be released, and forecast from all of it.",
        "成员在可披露范围内汇集需求数据，共同预测。",
        unvalued="It changes what is known, not what may be done; what it adds to forecasts is told with their accuracy.",
        unvalued_zh="它改变的是所知，而非可为；对预测的改进见预测准确度。",
    ),
    Measure(
        "net_settlement",
        "Net settlement",
        "轧差结算",
        *DATA_SHARING,
        "Members set off what they owe one another and pay the balance only.",
        "成员互相抵销应收应付，只支付净额。",
        unvalued="It changes when money moves, not what may be done; in a joint plan members already pay from one purse.",
        unvalued_zh="它改变的是付款时点，而非可为；协同计划中成员的资金已统一计算。",
    ),
)
BY_NAME: dict[str, Measure] = {measure.name: measure for measure in PLAN_MEASURES}


def called(names: Iterable[str], lang: str) -> str:
    """Return measures as people read them, with a plus between.

    >>> called(["pool_orders", "share_capacity"], "en")
    'Pooled orders + Shared capacity'
    """
    found = [BY_NAME[name] for name in names]
    return " + ".join(measure.label_zh if lang == "zh" else measure.label for measure in found)
