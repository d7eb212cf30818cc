"""The tables a run writes on product heat and on new products."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, INTEGER, NUMBER, DATE, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN

SCOPES = ("product", "family", "market_product", "market_family")
INDICES = ("expected", "rank_mean", "growth_rate", "last_period")

BASIS = Column(
    "basis",
    "数据基础",
    TEXT,
    "own:<owner> or shared: whose rows it was made from.",
    "own:<所有者> 或 shared：所用数据。",
    required=True,
)
SCOPE = Column(
    "scope",
    "范围",
    TEXT,
    "Products or families, over all markets or in each.",
    "产品或产品族；全部市场合计或逐市场。",
    required=True,
    choices=SCOPES,
)
INDEX = Column(
    "index",
    "指数",
    TEXT,
    "Index of heat: expected growth, mean of ranks, growth rate, or sales of the last period.",
    "热度指数：预期增长、平均位次、增长率或上期销量。",
    required=True,
    choices=INDICES,
)
INDEX_TRIED = Column(
    "index",
    "指数",
    TEXT,
    "Index of heat; as_chosen: on each past Monday the one that had done best by then.",
    "热度指数；as_chosen：每个以往周一采用当时为止表现最好的指数。",
    required=True,
    choices=(*INDICES, "as_chosen"),
)

HEAT = Table(
    "heat",
    "产品热度",
    "result",
    "Heat of what sells: which products and families are likely to grow, and where each is in its life.",
    "在售产品的热度：哪些产品和产品族可能增长，处于什么阶段。",
    (
        BASIS,
        SCOPE,
        Column("market", "市场编码", TEXT, "Market; blank: all markets.", "市场；空白表示全部市场。"),
        Column("sku", "产品编码", TEXT, "Product; blank: the whole family.", "产品；空白表示整个产品族。"),
        Column("family", "产品族", TEXT, "Family.", "产品族。", required=True),
        Column("week", "周", DATE, "Monday of the last week known.", "已知的最后一周的周一。", required=True),
        INDEX,
        Column("score", "热度", NUMBER, "Percentile rank of the index within the market: 1 is the hottest.", "指数在市场内的百分位：1 为最热。", "share", required=True, low=0, high=1),
        Column("units", "当周销量", NUMBER, "Units sold in the week.", "该周销量。", "units", required=True, low=0),
        Column("level", "水平", NUMBER, "Exponentially weighted mean since it was launched, half-life four weeks.", "上市以来的指数加权平均，半衰期四周。", "units per week", required=True, low=0),
        Column("growth", "增长", NUMBER, "Logarithm of the growth of the level over four weeks, smoothed by the median level of the category; blank before eight weeks on sale.", "水平四周增长的对数，以品类中位水平平滑；在售不足八周时空白。", "logarithm"),
        Column("acceleration", "加速度", NUMBER, "Growth less that of four weeks ago; blank before twelve weeks on sale.", "增长减去四周前的增长；在售不足十二周时空白。", "logarithm"),
        Column("momentum", "动量", NUMBER, "Growth over its usual size: beyond 1 or -1 it is more than ups and downs; blank where growth is.", "增长与其通常幅度之比：超过 1 或 -1 即非寻常波动；无增长时空白。", "ratio"),
        Column("phase", "阶段", TEXT, "Rising, at its peak, fading, steady, or too early to tell: less than eight weeks on sale.", "上升、高峰、回落、平稳，或尚难判断：在售不足八周。", required=True, choices=("rising", "peak", "fading", "steady", "early")),
        Column("expected", "预期增长", NUMBER, "Growth to expect of the next eight weeks over the last eight, or over those since its launch, beyond that of the typical product of the market; blank where the market has fewer than three or no past Monday taught its size.", "未来八周相对过去八周（或上市以来）、超出市场一般产品的预期增长；市场在售不足三项、或没有以往周一可供学习其幅度时空白。", "share"),
        Column("rank_mean", "平均位次", NUMBER, "Mean percentile rank within the family of level, growth and acceleration, over sales and signals.", "水平、增长、加速度在产品族内百分位的均值（销售与信号）。", "share", required=True, low=0, high=1),
    ),
    ("basis", "scope", "market", "sku", "family", "week"),
)  # fmt: skip


def _estimate(name: str, zh: str, meaning: str, meaning_zh: str) -> tuple[Column, Column, Column]:
    return (
        Column(name, zh, NUMBER, meaning, meaning_zh, "share", required=True),
        Column(f"{name}_low", f"{zh}下限", NUMBER, "Lower end of its 95 % interval.", "95% 区间下限。", "share", required=True),
        Column(f"{name}_high", f"{zh}上限", NUMBER, "Upper end of it.", "区间上限。", "share", required=True),
    )  # fmt: skip


HEAT_ACCURACY = Table(
    "heat_accuracy",
    "热度检验",
    "result",
    "How well each index of heat told the next eight weeks' growth on past Mondays.",
    "各热度指数在以往周一对其后八周增长的预示能力。",
    (
        BASIS,
        SCOPE,
        INDEX_TRIED,
        Column("chosen", "采用", BOOLEAN, "Whether heat is read from this index.", "热度是否取自该指数。", required=True),
        Column("mondays", "周一数", INTEGER, "Past Mondays.", "以往周一数。", required=True, low=0),
        Column("series", "序列数", INTEGER, "Series on each, on average.", "平均序列数。", required=True, low=0),
        *_estimate("precision", "命中率", "Share of the hottest tenth that was among the tenth that grew most.", "最热十分之一中属于增长最快十分之一的比例。"),
        *_estimate("spearman", "秩相关", "Spearman's rank correlation of heat and growth.", "热度与增长的斯皮尔曼秩相关。"),
        *_estimate("precision_gain", "命中率之差", "Precision of the default index less this one's.", "默认指数的命中率减去该指数的命中率。"),
        *_estimate("spearman_gain", "秩相关之差", "Rank correlation of the default index less this one's.", "默认指数的秩相关减去该指数的秩相关。"),
    ),
    ("basis", "scope", "index"),
)  # fmt: skip

HEAT_LEADS = Table(
    "heat_leads",
    "内外领先",
    "result",
    "Whether a family's sales at home tell those abroad beforehand, or the other way round, out of sample.",
    "各产品族国内销售是否领先国外，或相反（样本外检验）。",
    (
        Column("family", "产品族", TEXT, "Family.", "产品族。", required=True),
        Column("leader", "领先方", TEXT, "Side that is asked whether it leads.", "检验是否领先的一方。", required=True, choices=("home", "foreign")),
        Column("lag", "领先周数", INTEGER, "Weeks by which it is ahead.", "领先周数。", "weeks", required=True, low=1),
        Column("correlation", "偏相关", NUMBER, "Partial correlation at that lag.", "该滞后的偏相关。", "ratio", required=True, low=-1, high=1),
        Column("gain", "误差减少", NUMBER, "Share of the squared error of forecasts that it saves; below 0 it misleads.", "所减少的预测平方误差比例；小于 0 表示误导。", "share", required=True),
        Column("p_value", "p 值", NUMBER, "Chance of such a gain from shifted sales.", "以错位销售得到同等减少的概率。", required=True, low=0, high=1),
        Column("leads", "是否领先", BOOLEAN, "Whether it leads, at a false discovery rate of 10 %.", "是否领先（错误发现率 10%）。", required=True),
        Column("weeks", "周数", INTEGER, "Weeks both were on sale.", "双方在售周数。", "weeks", required=True, low=0),
    ),
    ("family", "leader"),
)  # fmt: skip

_QUANTILES = ("q025", "q05", "q10", "q20", "q30", "q40", "q50", "q60", "q70", "q80", "q90", "q95", "q975")

LAUNCHES = Table(
    "launches",
    "新品",
    "result",
    "What new products may sell over the next weeks, how much to make first, and what to do next.",
    "新品未来数周的可能销量、首批数量与下一步建议。",
    (
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("family", "产品族", TEXT, "Family.", "产品族。", required=True),
        Column("launched", "上市日期", DATE, "Day of launch, where it lies ahead: the weeks foretold are counted from it. Blank: from now on.", "上市日期（尚未上市时）：预测周数自该日起；空白表示自现在起。"),
        Column("weeks", "已售周数", INTEGER, "Weeks since its first sale.", "自首次销售起的周数。", "weeks", required=True, low=0),
        Column("sold", "已售数量", NUMBER, "Units sold so far; what weeks out of stock lack of the usual counts as sold.", "已售数量；缺货周按通常销量补足。", "units", required=True, low=0),
        Column("method", "方法", TEXT, "What it goes by: courses of analogues, or, before the first sale where that served better, what the family's launches sold.", "依据：类比进程；首次销售前若更准，则为产品族新品销量。", required=True, choices=("courses", "family")),
        Column("analogues", "类比产品", TEXT, "Products it goes by, with the chance of each; blank where it goes by its family.", "类比产品及各自概率；按产品族时空白。"),
        Column("stand_ins", "替代产品", TEXT, "Of these, those that are no launches: on sale since the records began, they stand in for want of launches.", "其中并非新品者：自有记录起即在售，因以往新品不足而替代。"),
        Column("p", "创新系数", NUMBER, "Innovation of the Bass curve, per week.", "巴斯曲线创新系数（每周）。", "per week", required=True, low=0),
        Column("q", "模仿系数", NUMBER, "Imitation of the Bass curve, per week.", "巴斯曲线模仿系数（每周）。", "per week", required=True, low=0),
        Column("m", "总销量", NUMBER, "All units that will be sold, by the Bass curve.", "巴斯曲线的总销量。", "units", required=True, low=0),
        Column("peak_week", "高峰周", NUMBER, "Weeks after launch at which the Bass curve peaks.", "上市后达到高峰的周数。", "weeks", required=True, low=0),
        Column("horizon", "覆盖周数", INTEGER, "Weeks foretold, from now on or from a launch ahead.", "预测周数（自现在起，尚未上市者自上市起）。", "weeks", required=True, low=1),
        Column("mean", "均值", NUMBER, "Units to expect over these weeks.", "这些周的期望销量。", "units", required=True, low=0),
        *(
            Column(q, f"分位数 {q[1:]}", NUMBER, f"Fewer are sold with chance 0.{q[1:]}.", f"销量低于此值的概率为 0.{q[1:]}。", "units", required=True, low=0)
            for q in _QUANTILES
        ),
        Column("price", "售价", NUMBER, "Usual selling price.", "通常售价。", "money per unit", low=0),
        Column("cost", "成本", NUMBER, "Transfer price, else a share of the price.", "出厂价，否则按售价比例。", "money per unit", low=0),
        Column("ratio", "满足概率", NUMBER, "Chance with which demand should be met: margin lost over margin and loss on what is left.", "应满足需求的概率：缺货损失占缺货与剩余损失之和。", "share", required=True, low=0, high=1),
        Column("batch", "批量", NUMBER, "Units to make for these weeks; 0 where it should stop, or where none pays.", "为这些周生产的数量；建议停产或不划算时为 0。", "units", required=True, low=0),
        Column("weighed", "权衡批量", NUMBER, "Best batch, or the least that its maker makes at a time where that is more: what is weighed against making none.", "最佳批量，不足最小批量时取最小批量：与不生产相比较的数量。", "units", low=0),
        Column("profit", "期望利润", NUMBER, "Expected profit of that batch against making none, its setup paid; where no price is known, in prices of a unit and without the setup.", "该批量相对于不生产的期望利润（已扣换型费用）；不知售价时以单件售价为单位，不计换型费用。", "money"),
        Column("hurdle", "门槛", NUMBER, "Units it must sell in these weeks for another batch to be worth it.", "值得再次生产所需的销量。", "units", required=True, low=0),
        Column("chance", "达标概率", NUMBER, "Chance that it does.", "达到门槛的概率。", "share", required=True, low=0, high=1),
        Column("telling_week", "见分晓周", INTEGER, "Weeks after launch by which it is told: those known where repeat or stop is advised, else the next at which first sales decide for most launches; 0: it is told before the first sale; blank: no week tells.", "上市后见分晓的周数：已建议再产或停产时为已知周数，否则为下一个多数情形可判断的周；0 表示首次销售前已可判断；空白表示看不出。", "weeks", low=0),
        Column("advice", "建议", TEXT, "Make a test batch, wait, repeat or stop.", "试产、等待、再产或停产。", required=True, choices=("test", "wait", "repeat", "stop")),
    ),
    ("sku",),
)  # fmt: skip

LAUNCH_RULES = Table(
    "launch_rules",
    "新品规则",
    "result",
    "What the units sold by each week after launch decide.",
    "上市后各周累计销量所决定的行动。",
    (
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("week", "周次", INTEGER, "Weeks after launch.", "上市后周数。", "weeks", required=True, low=1),
        Column("stop_below", "停产线", NUMBER, "Stop if fewer were sold by then; 0: no number decides for it.", "累计少于此数则停产；0 表示无此数。", "units", required=True, low=0),
        Column("repeat_above", "再产线", NUMBER, "Repeat if at least so many were sold; blank: no number decides for it.", "累计达到此数则再产；空白表示无此数。", "units", low=0),
        Column("decided", "可决比例", NUMBER, "Share of launches which one of the two decides.", "可由二者之一决定的比例。", "share", required=True, low=0, high=1),
        Column("right", "正确比例", NUMBER, "Share of these in which it is right.", "其中决定正确的比例。", "share", low=0, high=1),
    ),
    ("sku", "week"),
)  # fmt: skip

LAUNCH_ACCURACY = Table(
    "launch_accuracy",
    "新品检验",
    "result",
    "How well past launches were foretold from what was known then.",
    "以往新品在当时已知信息下的预测精度。",
    (
        Column("weeks", "已知周数", INTEGER, "Weeks since launch that were known.", "上市后已知周数。", "weeks", required=True, low=0),
        Column("method", "方法", TEXT, "What is given, and the ways it is held against.", "所给预测，及对照方法。", required=True, choices=("given", "courses", "family", "family_mean", "scaled_naive", "rate_so_far")),
        Column("launches", "新品数", INTEGER, "Launches.", "新品数。", required=True, low=0),
        Column("pinball", "分位损失", NUMBER, "Mean pinball loss of nine deciles of ln(1 + units).", "ln(1+销量) 九个十分位的平均分位损失。", "logarithm", required=True, low=0),
        Column("pinball_units", "分位损失（件）", NUMBER, "The same in units.", "同上，以件计。", "units", required=True, low=0),
        Column("ratio", "比值", NUMBER, "Loss of what is given over this one's: below 1 it is better.", "所给预测损失与该方法之比：小于 1 更好。", "ratio", required=True, low=0),
        Column("ratio_low", "比值下限", NUMBER, "Lower end of its 95 % interval.", "95% 区间下限。", "ratio", required=True, low=0),
        Column("ratio_high", "比值上限", NUMBER, "Upper end of it.", "区间上限。", "ratio", required=True, low=0),
        Column("coverage80", "80% 覆盖率", NUMBER, "Share that fell between the first and the last decile, by the randomised transform.", "落入首末十分位之间的比例（随机化变换）。", "share", required=True, low=0, high=1),
    ),
    ("weeks", "method"),
)  # fmt: skip

LAUNCH_BASIS = Table(
    "launch_basis",
    "新品依据",
    "result",
    "What the foresight of new products rests on: one row.",
    "新品预测的依据：一行。",
    (
        Column("launches", "以往新品数", INTEGER, "Earlier launches whose first weeks were seen.", "有首销记录的以往新品数。", required=True, low=0),
        Column("over", "期满新品数", INTEGER, "Of these, those on sale for as many weeks as a batch has to last.", "其中在售已满批量覆盖周数者。", required=True, low=0),
        Column("needed", "所需新品数", INTEGER, "How many of these it takes for anything to be decided for a repeat or a stop.", "作出再产或停产决定所需的期满新品数。", required=True, low=0),
        Column("stand_ins", "替代产品数", INTEGER, "Products on sale since the records began that stand in where fewer than twenty launches were seen.", "以往新品不足二十个时，自有记录起即在售、用作替代的产品数。", required=True, low=0),
        Column("tried", "检验新品数", INTEGER, "Past launches foretold from what was known then, and held against what they sold.", "以当时已知信息预测并与实际销量对照的以往新品数。", required=True, low=0),
        Column("undated", "无上市日期产品数", INTEGER, "Products with neither sales nor a day of launch: they do not count as new.", "既无销售也无上市日期的产品数：不算新品。", required=True, low=0),
    ),
)  # fmt: skip

NEWNESS: tuple[Table, ...] = (HEAT, HEAT_ACCURACY, HEAT_LEADS, LAUNCHES, LAUNCH_RULES, LAUNCH_ACCURACY, LAUNCH_BASIS)
