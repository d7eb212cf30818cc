"""What plans make: lots, steps, load, batches, purchases and investments."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import PLAN, SELLER, SKU, WEEK

TEXT, INTEGER, NUMBER, DATE, BOOLEAN, COUNTRY = (
    Kind.TEXT,
    Kind.INTEGER,
    Kind.NUMBER,
    Kind.DATE,
    Kind.BOOLEAN,
    Kind.COUNTRY,
)

LOTS = Table(
    "lots",
    "批次",
    "result",
    "What to make where and when.",
    "何时何地生产什么。",
    (
        PLAN,
        WEEK,
        Column("maker", "生产企业", TEXT, "Firm that makes it.", "生产企业。", required=True),
        SKU,
        Column("family", "产品族", TEXT, "Family of the product.", "产品族。", required=True),
        Column(
            "lot",
            "批次号",
            TEXT,
            "Lot it belongs to: units of one lot share one setup.",
            "批次号：同批共用一次换型。",
            required=True,
        ),
        Column("seller", "卖家", TEXT, "Seller the units are for.", "所供卖家。", required=True),
        Column("quantity", "数量", NUMBER, "Good units made.", "合格品数量。", "units", required=True, low=0),
        Column(
            "hours", "工时", NUMBER, "Run hours, setups apart.", "加工工时（不含换型）。", "hours", required=True, low=0
        ),
        Column(
            "setup_hours",
            "换型工时",
            NUMBER,
            "This row's share of its lot's setup hours.",
            "分摊的换型工时。",
            "hours",
            required=True,
            low=0,
        ),
        Column(
            "moved",
            "转产",
            BOOLEAN,
            "Made, or finished, by a firm of another owner than the product's present maker.",
            "是否由与现有生产企业不属同一所有者的企业生产（或完成）。",
            required=True,
        ),
        Column(
            "chain",
            "工序链",
            TEXT,
            "Firms that do its steps in turn, joined by “ > ”; blank where one firm does all.",
            "依次完成各工序的企业，以“ > ”连接；由一家企业完成时为空。",
        ),
    ),
    ("plan", "lot", "sku", "seller"),
)

STEPS = Table(
    "steps",
    "工序",
    "result",
    "Steps of the lots that several firms make in turn: who does which, and when.",
    "由多家企业依次完成的批次的各道工序：由谁、在何时完成。",
    (
        PLAN,
        Column("lot", "批次号", TEXT, "Lot, as in the table lots.", "批次号，同批次表。", required=True),
        Column("step", "工序号", INTEGER, "Place in the routing, from 1.", "在工艺路线中的序号，从 1 起。", required=True),
        SKU,
        SELLER,
        WEEK,
        Column("process", "工序", TEXT, "Process.", "工序。", required=True),
        Column("firm", "企业", TEXT, "Firm that does the step.", "完成该工序的企业。", required=True),
        Column("comes_from", "来自", TEXT, "Firm of the step before; blank for the first.", "上道工序的企业；首道工序为空。"),
        Column("goes_to", "交给", TEXT, "Firm of the step after; blank for the last.", "下道工序的企业；末道工序为空。"),
        Column("quantity", "数量", NUMBER, "Good units of the finished lot.", "成品合格数量。", "units", required=True, low=0),
        Column("hours", "工时", NUMBER, "Run hours of the step.", "该工序加工工时。", "hours", required=True, low=0),
    ),
    ("plan", "lot", "step", "sku", "seller"),
)  # fmt: skip

LOAD = Table(
    "load",
    "负荷",
    "result",
    "Hours used of the hours there are, per firm, process and week.",
    "各企业各工艺每周已用与可用工时。",
    (
        PLAN,
        WEEK,
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("process", "工艺", TEXT, "Process.", "工艺。", required=True),
        Column(
            "regular_hours",
            "可用工时",
            NUMBER,
            "Regular hours there are.",
            "可用正常工时。",
            "hours",
            required=True,
            low=0,
        ),
        Column("overtime_limit", "加班上限", NUMBER, "Most overtime.", "最多加班工时。", "hours", required=True, low=0),
        Column("run_hours", "加工工时", NUMBER, "Hours making.", "加工工时。", "hours", required=True, low=0),
        Column("setup_hours", "换型工时", NUMBER, "Hours changing over.", "换型工时。", "hours", required=True, low=0),
        Column(
            "overtime_hours",
            "加班工时",
            NUMBER,
            "Hours above the regular ones.",
            "超出正常工时的部分。",
            "hours",
            required=True,
            low=0,
        ),
    ),
    ("plan", "week", "firm", "process"),
)

KEPT_SETUPS = Table(
    "kept_setups",
    "换型保留",
    "result",
    "Setups that workshops keep over the week's end, and what that spares in the week that begins.",
    "车间跨周保留的换型状态及其在新一周节省的换型。",
    (
        PLAN,
        Column("week", "周", DATE, "Monday of the week that begins with the setup kept.", "以保留状态开始的那一周（周一）。", required=True),
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("process", "工艺", TEXT, "Process.", "工艺。", required=True),
        SKU,
        Column("lot", "批次号", TEXT, "Lot that needs no setup there, as in the table lots; blank where the workshop stands idle and stays as it is.", "无需换型的批次，同批次表；车间闲置并保持原状时为空。"),
        Column("hours", "节省工时", NUMBER, "Setup hours spared, the family's included.", "节省的换型工时（含产品族换型）。", "hours", required=True, low=0),
        Column("cost", "节省金额", NUMBER, "Setup money spared, the family's included.", "节省的换型费用（含产品族换型）。", "money", required=True, low=0),
    ),
    ("plan", "week", "firm", "process"),
)  # fmt: skip

BATCHES = Table(
    "batches",
    "合批",
    "result",
    "Small orders into large batches, per family, and by firm and by seller: sizes before and after, setups saved, waiting imposed.",
    "小单合成大批：按产品族，并分企业、分卖家：合批前后批量、节省的换型与由此带来的等待。",
    (
        Column("by", "口径", TEXT, "Rows of a family, of a firm in it, or of a seller in it.", "按产品族、其中某企业或某卖家。", required=True, choices=("family", "firm", "seller")),
        Column("family", "产品族", TEXT, "Family.", "产品族。", required=True),
        Column("firm", "企业编码", TEXT, "The making firm, or the seller; blank for the family.", "生产企业或卖家；产品族行为空。"),
        Column("orders", "订单数", INTEGER, "Orders: a seller's deliveries of a product to a market in a week. One made at several firms counts with each of them.", "订单：某卖家某产品某市场一周的交付；由多家企业生产的在每家各计一次。", required=True, low=0),
        Column("lots_separate", "各自计划批次", INTEGER, "Lots in separate plans. One that serves several sellers counts with each of them.", "各自计划的批次数；供多家卖家的在每家各计一次。", required=True, low=0),
        Column("lots_joint", "协同计划批次", INTEGER, "Lots in the joint plan, counted likewise.", "协同计划的批次数，计法相同。", required=True, low=0),
        Column("lots_pooled", "合批批次", INTEGER, "Those of them that hold goods of several sellers, as the table lots has them.", "其中含多家卖家货物的批次，以“批次”表为准。", required=True, low=0),
        Column("size_separate", "各自计划批量", NUMBER, "Units in a lot in separate plans.", "各自计划的平均批量。", "units"),
        Column("size_joint", "协同计划批量", NUMBER, "Units in a lot in the joint plan.", "协同计划的平均批量。", "units"),
        Column("setup_hours_separate", "各自计划换型工时", NUMBER, "Setup hours in separate plans: of a firm those that it changes over, of a seller its share as in the table lots.", "各自计划的换型工时：企业按其实际换型计，卖家按“批次”表中的分摊计。", "hours", required=True, low=0),
        Column("setup_hours_joint", "协同计划换型工时", NUMBER, "Setup hours in the joint plan, counted likewise.", "协同计划的换型工时，计法相同。", "hours", required=True, low=0),
        Column("family_hours_separate", "各自计划产品族换型工时", NUMBER, "Those of the setup hours in separate plans that are for whole families, the rest being for single products. Blank by seller.", "各自计划换型工时中整族换型的部分，其余为单个产品的换型。分卖家时为空。", "hours", low=0),
        Column("family_hours_joint", "协同计划产品族换型工时", NUMBER, "The same in the joint plan.", "协同计划换型工时中整族换型的部分。", "hours", low=0),
        Column("unsold_separate", "各自计划滞销数量", NUMBER, "Units that smallest lots leave at the end of separate plans and as many weeks again would not sell: they count as lost. Blank by firm and seller.", "各自计划期末因最小批量而剩、再过同样多周也卖不完的数量，按损失计。分企业、分卖家时为空。", "units", low=0),
        Column("unsold_joint", "协同计划滞销数量", NUMBER, "The same in the joint plan.", "协同计划的滞销数量。", "units", low=0),
        Column("earlier", "提前生产", NUMBER, "Unit-weeks that the same units lie longer between making and delivery than in separate plans; negative: less long; blank if none was made in both.", "与各自计划相比，同一件货从生产到交付多等待的件·周；负值为缩短；两计划均未生产时为空。", "unit-weeks"),
        Column("later", "延迟交付", NUMBER, "Unit-weeks late beyond separate plans; negative: less late. Blank by firm.", "相对各自计划多出的延迟件·周；负值为减少。分企业时为空。", "unit-weeks"),
    ),
    ("by", "family", "firm"),
)  # fmt: skip

ASSUMED_SUPPLIER = "assumed"
"""Who is named as supplier where nobody is known."""

PURCHASES = Table(
    "purchases",
    "采购",
    "result",
    "Materials whose price depends on the order: each order with the part that each making firm takes of it.",
    "价格随订货量变化的物料：每笔订货及各生产企业所占部分。",
    (
        PLAN,
        Column("week", "周", DATE, "Monday of the week in which it comes.", "到货周（周一）。", required=True),
        Column("material", "物料", TEXT, "Material.", "物料。", required=True),
        Column("supplier", "供应商", TEXT, "Supplier; `assumed` where only new ones are given: what is bought today is not known.", "供应商；仅有新货源、目前供应商未知时为 `assumed`。", required=True),
        Column("origin", "产地", Kind.COUNTRY, "Country it comes from.", "产地国家。"),
        Column("firm", "企业编码", TEXT, "Making firm that takes this part.", "取用该部分的生产企业。", required=True),
        Column("quantity", "数量", NUMBER, "Material units for the firm.", "该企业所得数量。", "material units", required=True, low=0),
        Column("order_quantity", "订货总量", NUMBER, "Material units of the whole order.", "整笔订货数量。", "material units", required=True, low=0),
        Column("unit_price", "单价", NUMBER, "Price of a material unit in this order.", "该笔订货的单价。", "money per material unit", required=True, low=0),
        Column("cost", "金额", NUMBER, "What the firm pays.", "该企业应付金额。", "money", required=True, low=0),
        Column("together", "联合", BOOLEAN, "Whether members ordered together.", "是否成员联合订货。", required=True),
    ),
    ("plan", "week", "material", "supplier", "firm"),
)  # fmt: skip

DRAWN_MATERIALS = Table(
    "drawn_materials",
    "领用物料",
    "result",
    "Materials that firms had on hand and the plan takes for making: who takes what of whose.",
    "计划领用的、企业原有的物料：由谁领用谁的物料。",
    (
        PLAN,
        Column("week", "周", DATE, "Monday of the week in which it is there first.", "物料可用的首周（周一）。", required=True),
        Column("material", "物料", TEXT, "Material.", "物料。", required=True),
        Column("holder", "持有企业", TEXT, "Firm that had it.", "原持有企业。", required=True),
        Column("firm", "企业编码", TEXT, "Making firm that takes it.", "领用的生产企业。", required=True),
        Column("quantity", "数量", NUMBER, "Material units.", "物料数量。", "material units", required=True, low=0),
        Column("worth", "价值", NUMBER, "What it is worth to its holder: the least price it can be bought at, less its keeping until the end. Firms of other owners pay that.", "对持有企业的价值：最低采购价减去保管至期末的资金成本；其他所有者的企业按此付款。", "money", required=True, low=0),
    ),
    ("plan", "week", "material", "holder", "firm"),
)  # fmt: skip

KEPT_MATERIALS = Table(
    "kept_materials",
    "物料结存",
    "result",
    "Materials that were bought or taken and lie at the end of each week, by the firm that will use them: of those whose orders are decided. What is on hand and not taken is not among them.",
    "每周末结存的已购或已领用物料，按将使用的企业；仅含由计划决定订货的物料，不含未领用的原有物料。",
    (
        PLAN,
        WEEK,
        Column("firm", "企业编码", TEXT, "Making firm.", "生产企业。", required=True),
        Column("material", "物料", TEXT, "Material.", "物料。", required=True),
        Column("quantity", "数量", NUMBER, "Material units at the end of the week.", "周末物料数量。", "material units", required=True, low=0),
    ),
    ("plan", "week", "firm", "material"),
)  # fmt: skip

INVESTMENTS = Table(
    "investments",
    "一次性投入",
    "result",
    "What each plan pays for once: markets entered, campaigns run, processes learned, workshops and sites opened.",
    "各计划的一次性投入：进入市场、推广活动、学习工艺、开设车间与节点。",
    (
        PLAN,
        Column(
            "measure", "措施", TEXT, "Measure that lets members pay for it together.", "可由成员共同承担的措施。", required=True,
            choices=("add_capability", "open_shared_workshop", "enter_market", "joint_promotion", "consolidate_freight", "overseas_warehouse"),
        ),
        Column("place", "地点", TEXT, "Firm, market or site.", "企业、市场或节点。", required=True),
        Column("subject", "对象", TEXT, "Process that is learned, or family that is promoted; blank: the whole.", "所学工艺或所推广产品族；空白表示整体。"),
        Column("owner", "承担者", TEXT, "Owner that pays for it; pooled: the members together.", "承担的所有者；pooled 表示成员共同承担。", required=True),
        Column("week", "周", DATE, "Monday of the week in which it is first used.", "首次使用周（周一）。", required=True),
        Column("cost", "费用", NUMBER, "Paid once.", "一次性费用。", "money", required=True, low=0),
    ),
    ("plan", "measure", "place", "subject", "owner"),
)  # fmt: skip
