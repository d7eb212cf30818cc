"""The detail behind the findings on goods, information, lanes, promotion and quality. Money is in the currency of the run."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, INTEGER, NUMBER, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN

LOW = Column("low", "下限", NUMBER, "Lower end of the 95 % interval.", "95% 区间下限。")
HIGH = Column("high", "上限", NUMBER, "Upper end of it.", "区间上限。")
P_VALUE = Column(
    "p_value",
    "p 值",
    NUMBER,
    "Chance of a value at least as far out without the effect.",
    "无此效应时出现不低于该极端程度的概率。",
    low=0,
    high=1,
)

DIAGNOSIS_PRODUCTS = Table(
    "diagnosis_products",
    "产品相似度",
    "result",
    "How like its rivals each product is, and where it stands on the map of likeness.",
    "各产品与同类的相似程度及其在相似图上的位置。",
    (
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("title", "产品名称", TEXT, "Title.", "产品名称。"),
        Column("firm", "企业编码", TEXT, "Owner of the brand, else maker, else main seller.", "品牌方，否则生产企业，否则主要卖家。"),
        Column("revenue", "销售额", NUMBER, "Revenue of the last year.", "近一年销售额。", "money", required=True, low=0),
        Column("total_similarity", "总相似度", NUMBER, "Likeness to all products alike, added up.", "与所有相似产品的相似度之和。", required=True, low=0),
        Column("rivals", "近同产品数", INTEGER, "Near-identical products of other owners.", "其他所有者的近同产品数。", required=True, low=0),
        Column("crowding", "拥挤度", NUMBER, "Revenue of other products, the nearer the more it counts.", "其他产品的销售额，越相近权重越大。", "money", required=True, low=0),
        Column("group", "近同组", INTEGER, "Group of near-identical goods, from 1, the largest first; blank: none.", "近同产品组，从 1 起，最大者在前；空白表示无。", low=1),
        Column("residual", "价格残差", NUMBER, "Log price less what family, weight, volume and words explain.", "对数价格减去产品族、重量、体积与用词所能解释的部分。", "log points"),
        Column("age", "上市周数", INTEGER, "Weeks since its launch, or its first sale where no day is given; blank: neither is known.", "上市（无日期时为首次销售）以来的周数；均未知为空。", "weeks"),
        Column("novelty", "新颖度", NUMBER, "Of newcomers: how unlike the nearest product that was there before; blank: no newcomer.", "新品与此前最相近产品的差异；非新品为空。", "share", low=0, high=1),
        Column("x", "横坐标", NUMBER, "Where it is drawn on the map of likeness; blank: not drawn.", "相似图横坐标；空白表示未绘出。"),
        Column("y", "纵坐标", NUMBER, "Where it is drawn on the map of likeness.", "相似图纵坐标。"),
    ),
    ("sku",),
)  # fmt: skip

DIAGNOSIS_GROUPS = Table(
    "diagnosis_groups",
    "近同产品组",
    "result",
    "Groups of near-identical goods, how close their prices lie and where these go.",
    "近同产品组及其价格离散与走势。",
    (
        Column("group", "近同组", INTEGER, "Group, from 1.", "组号，从 1 起。", required=True, low=1),
        Column("example", "示例", TEXT, "Its product of most revenue.", "组内销售额最大的产品。", required=True),
        Column("products", "产品数", INTEGER, "Products in it.", "组内产品数。", required=True, low=2),
        Column("owners", "所有者数", INTEGER, "Owners who have one.", "涉及的所有者数。", required=True, low=1),
        Column("revenue", "销售额", NUMBER, "Revenue of the last year.", "近一年销售额。", "money", required=True, low=0),
        Column("similarity", "相似度", NUMBER, "Mean likeness of its pairs.", "组内平均相似度。", "share", required=True, low=0, high=1),
        Column("spread", "价差", NUMBER, "Standard deviation of price residuals; blank: fewer than three prices.", "价格残差标准差；少于三个价格时为空。", "log points", low=0),
        Column("usual_spread", "通常价差", NUMBER, "The same of as many products of its families at random.", "同产品族随机同数产品的价差。", "log points", low=0),
        P_VALUE,
        Column("price_change", "价格变化", NUMBER, "Mean change of log price from the earlier to the later half of the last year.", "近一年后半段相对前半段的平均对数价格变化。", "log points"),
        Column("margin_before", "此前毛利率", NUMBER, "Margin over the cost of making in the earlier half of the last year, at the units of the later one; blank where costs are not known.", "上年前半段相对生产成本的毛利率（按后半段销量）；成本未知时为空。", "share", high=1),
        Column("margin", "近期毛利率", NUMBER, "The same in the later half.", "后半段毛利率。", "share", high=1),
        Column("margin_change", "毛利率变化", NUMBER, "Mean change of the margin over making cost of its series (product, market and seller) from the earlier to the later half; blank: fewer than two with known costs.", "各序列（产品×市场×卖家）相对生产成本毛利率由前半段到后半段的平均变化；已知成本的序列少于两条时为空。", "share"),
        Column("judged_by", "判断依据", TEXT, "margin: its margins tell whether it is a price war; price: costs are not known for most of its series, so that falling prices stand for falling margins; blank: too few series.", "margin：按毛利率判断是否为价格战；price：多数序列成本未知，以价格下降代替毛利率下降；序列过少时为空。", choices=("margin", "price")),
        Column("price_war", "价格战", BOOLEAN, "Several owners, prices closer than chance, and margins falling (prices, where costs are not known).", "多个所有者、价格异常接近且毛利率下降（成本未知时按价格）。", required=True),
    ),
    ("group",),
)  # fmt: skip

DIAGNOSIS_OVERLAP = Table(
    "diagnosis_overlap",
    "生态位重叠",
    "result",
    "The pairs of firms that share most of their niches: families in markets.",
    "生态位（产品族 × 市场）重叠最多的企业对。",
    (
        Column("firm_a", "企业甲", TEXT, "One firm.", "一方企业。", required=True),
        Column("firm_b", "企业乙", TEXT, "The other.", "另一方企业。", required=True),
        Column("pianka", "Pianka 重叠", NUMBER, "Pianka's overlap.", "Pianka 重叠指数。", "share", required=True, low=0, high=1),
        Column("schoener", "Schoener 重叠", NUMBER, "Schoener's overlap.", "Schoener 重叠指数。", "share", required=True, low=0, high=1),
    ),
    ("firm_a", "firm_b"),
)  # fmt: skip

DIAGNOSIS_NEWNESS = Table(
    "diagnosis_newness",
    "产品新旧",
    "result",
    "How young the assortment was, thirteen weeks at a time.",
    "产品组合的新旧，每十三周一期。",
    (
        Column("weeks_ago", "距今周数", INTEGER, "Weeks from the end of these thirteen to the last week of sales.", "该期结束至最后销售周的周数。", "weeks", required=True, low=0),
        Column("young_share", "新品占比", NUMBER, "Share of revenue from young products.", "新品销售额占比。", "share", required=True, low=0, high=1),
        Column("age", "平均上市周数", NUMBER, "Age of the goods sold, weighted by revenue.", "所售产品上市周数，按销售额加权。", "weeks", required=True, low=0),
    ),
    ("weeks_ago",),
)  # fmt: skip

DIAGNOSIS_DATA = Table(
    "diagnosis_data",
    "数据价值",
    "result",
    "What the data of each node improve of the others' forecasts, on weeks held out.",
    "各节点数据对其他节点预测的改进（留出检验）。",
    (
        Column("node", "节点", TEXT, "Whose data; blank: everybody's against each owner's own.", "数据所有者；空白表示全体共享与各自数据之比。"),
        Column("kind", "类型", TEXT, "Everybody, a seller, or a making firm.", "全体、卖家或生产企业。", required=True, choices=("all", "seller", "maker")),
        Column("loss_without", "无其数据的误差", NUMBER, "Pinball loss of the others' series, as a share of their usual sales.", "其他序列的分位损失占通常销量的比例。", "share", required=True, low=0),
        Column("loss_with", "有其数据的误差", NUMBER, "The same with its data.", "有其数据时的误差。", "share", required=True, low=0),
        Column("reduction", "误差降幅", NUMBER, "Share of the loss its data take away.", "误差降低的比例。", "share", required=True, high=1),
        LOW,
        HIGH,
        P_VALUE,
        Column("series", "序列数", INTEGER, "Series judged.", "检验的序列数。", required=True, low=1),
    ),
    ("kind", "node"),
)  # fmt: skip

DIAGNOSIS_NODES = Table(
    "diagnosis_nodes",
    "节点筛选",
    "result",
    "Nodes whose data are worth having, in the order in which they are (greedy, with lazy evaluation, on weeks held out).",
    "值得引入数据的节点，按先后排序（留出检验，惰性求值的贪心法）。",
    (
        Column("rank", "次序", INTEGER, "1 is the first to have.", "1 表示最先引入。", required=True, low=1),
        Column("node", "节点", TEXT, "Whose data.", "数据所有者。", required=True),
        Column("gain", "边际降幅", NUMBER, "Share of the loss without any of them that its data take off, those before it being there.", "在其前各节点已引入时，其数据使误差（相对于无共享）再降低的比例。", "share", required=True, high=1),
        LOW,
        HIGH,
        P_VALUE,
        Column("left", "剩余误差", NUMBER, "Share of the loss that is left with it and those before it.", "引入至该节点后剩余误差的比例。", "share", required=True, low=0),
    ),
    ("rank",),
)  # fmt: skip

DIAGNOSIS_BULLWHIP = Table(
    "diagnosis_bullwhip",
    "牛鞭效应",
    "result",
    "How much more each firm's orders swing than the demand they follow.",
    "各企业订货波动相对需求波动的放大。",
    (
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("orders", "订货口径", TEXT, "What counts as its orders: lots made by it, lots made for it, or orders placed with it.", "订货口径：自产批次、为其生产的批次或其接到的订单。", required=True, choices=("made", "made_for", "placed")),
        Column("ratio", "牛鞭比", NUMBER, "Squared coefficient of variation of orders over that of demand.", "订货与需求变异系数平方之比。", required=True, low=0),
        LOW,
        HIGH,
        P_VALUE,
        Column("weeks", "周数", INTEGER, "Weeks seen.", "观测周数。", required=True, low=1),
    ),
    ("firm", "orders"),
)  # fmt: skip

DIAGNOSIS_SPILLOVER = Table(
    "diagnosis_spillover",
    "溢出效应",
    "result",
    "Whether neighbours' starts raise a firm's chance to start.",
    "邻近企业的进入是否提高本企业进入的机会。",
    (
        Column("field", "领域", TEXT, "Starting in a product family, or in a market.", "进入产品族或市场。", required=True, choices=("family", "market")),
        Column("ratio", "倍数", NUMBER, "Share of neighbours already in, of firms that start, over what it is with locations at random.", "进入者邻居中已进入比例与随机布局时之比。", required=True, low=0),
        Column("low", "下限", NUMBER, "95 % of the ratios with locations at random lie above this or on it.", "随机布局下 95% 区间下限。", low=0),
        Column("high", "上限", NUMBER, "And below this or on it.", "随机布局下 95% 区间上限。", low=0),
        P_VALUE,
        Column("starts", "进入次数", INTEGER, "Starts judged.", "检验的进入次数。", required=True, low=1),
        Column("firms", "企业数", INTEGER, "Firms with a position.", "有坐标的企业数。", required=True, low=1),
    ),
    ("field",),
)  # fmt: skip

DIAGNOSIS_OUTSIDE = Table(
    "diagnosis_outside",
    "信息流之外的企业",
    "result",
    "Firms that the information of e-commerce does not reach: no sales, no signals, no ties to sellers.",
    "电商信息未触达的企业：无销售、无热度信号、与卖家无往来。",
    (
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("role", "角色", TEXT, "What it does.", "企业的角色。", required=True),
    ),
    ("firm",),
)  # fmt: skip

DIAGNOSIS_LANES = Table(
    "diagnosis_lanes",
    "线路与前沿",
    "result",
    "Price and days of each lane against the best attainable for its load, distance and mode.",
    "各线路的运价与时效，与同等货量、距离、方式下可达最优之比。",
    (
        Column("lane", "线路编码", TEXT, "Lane.", "线路。", required=True),
        Column("mode", "方式", TEXT, "Mode.", "方式。", required=True),
        Column("destination", "终点", TEXT, "Site or market it goes to.", "终点。", required=True),
        Column("load", "货量", NUMBER, "Weight the lane is judged at: the load in which its median kilogram goes, else the usual one of all lanes.", "评价所用货重：该线路上按重量计居中的一公斤所在的货件重量，否则取各线路的通常值。", "kg", required=True, above=0),
        Column("distance", "距离", NUMBER, "Great circle; blank: unknown.", "大圆距离；未知为空。", "km", low=0),
        Column("price", "运价", NUMBER, "Charge for one kilogram of that load.", "该货量每公斤运费。", "money per kg", required=True, low=0),
        Column("best_price", "可达最优运价", NUMBER, "Best attainable for that load, distance and mode, not below the mode's cheapest rate; blank: too few lanes.", "同等条件可达最优，不低于该方式最低运价；线路过少为空。", "money per kg", low=0),
        Column("days", "天数", NUMBER, "Mean days.", "平均天数。", "days", required=True, low=0),
        Column("best_days", "可达最优天数", NUMBER, "Best attainable for that distance and mode; blank: too few lanes.", "同等条件可达最优；线路过少为空。", "days", low=0),
        Column("moved", "年运量", NUMBER, "What went by it in a year; blank: not known.", "年运量；未知为空。", "kg per year", low=0),
        Column("stake", "涉及金额", NUMBER, "What is paid above the best attainable in a year; blank: not known, or loads are assumed.", "每年高于可达最优的支出；未知或货量为假定时为空。", "money per year", low=0),
        Column("value", "年运货值", NUMBER, "Worth of what went by it in a year, at making cost, else at prices; blank: not recorded.", "年运货物的价值，按制造成本计，不详者按售价；无记录为空。", "money per year", low=0),
        Column("days_stake", "时效损失", NUMBER, "What the days above the best attainable cost in a year: their share of a year, of the value, at the holding rate; blank: not known.", "每年因超出可达最优天数而多占资金的成本：超出天数占全年之比 × 货值 × 库存占用费率；未知为空。", "money per year", low=0),
    ),
    ("lane",),
)  # fmt: skip

DIAGNOSIS_PROMOTION = Table(
    "diagnosis_promotion",
    "营销与生产",
    "result",
    "What each seller spends on promotion against what making its goods costs, in the last year.",
    "各卖家近一年推广支出与其产品生产成本之比。",
    (
        Column("seller", "卖家", TEXT, "Seller.", "卖家。", required=True),
        Column("spend", "推广支出", NUMBER, "Promotion.", "推广支出。", "money", required=True, low=0),
        Column("production", "生产成本", NUMBER, "Making cost of the goods it sold.", "所售产品的生产成本。", "money", required=True, low=0),
        Column("revenue", "销售额", NUMBER, "Revenue.", "销售额。", "money", required=True, low=0),
        Column("ratio", "营销生产比", NUMBER, "Promotion over making cost; blank without making cost.", "推广支出与生产成本之比；无生产成本时为空。", low=0),
    ),
    ("seller",),
)  # fmt: skip

DIAGNOSIS_QUALITY = Table(
    "diagnosis_quality",
    "质量与认证",
    "result",
    "Returns, yields and missing certificates of each making firm.",
    "各生产企业的退货、良率与缺失认证。",
    (
        Column("maker", "生产企业", TEXT, "Making firm.", "生产企业。", required=True),
        Column("sold", "销量", NUMBER, "Units of its products sold.", "其产品销量。", "units", required=True, low=0),
        Column("returned", "退货量", NUMBER, "Units of them returned; blank: no returns are known.", "退货量；无退货数据时为空。", "units", low=0),
        Column("rate", "退货率", NUMBER, "Returned over sold.", "退货量与销量之比。", "share", low=0),
        Column("low", "下限", NUMBER, "Lower end of the 95 % interval of the rate.", "退货率 95% 区间下限。", "share", low=0),
        Column("high", "上限", NUMBER, "Upper end of it.", "区间上限。", "share", low=0),
        Column("rate_home", "国内退货率", NUMBER, "Rate in the home country.", "国内退货率。", "share", low=0),
        Column("rate_abroad", "国外退货率", NUMBER, "Rate abroad.", "国外退货率。", "share", low=0),
        Column("yield", "良率", NUMBER, "Mean yield of its processes; blank: not given.", "各工艺平均良率；未填为空。", "share", low=0, high=1),
        Column("uncertified", "缺证销售额", NUMBER, "Revenue of the last year in markets that ask for a certificate it lacks or that has run out.", "近一年在其缺证或证书到期市场的销售额。", "money", required=True, low=0),
        Column("uncertified_home", "国内缺证销售额", NUMBER, "The part of it in the home country.", "其中国内部分。", "money", required=True, low=0),
        Column("uncertified_abroad", "国外缺证销售额", NUMBER, "The part of it abroad.", "其中国外部分。", "money", required=True, low=0),
    ),
    ("maker",),
)  # fmt: skip

DIAGNOSIS_UNCERTIFIED = Table(
    "diagnosis_uncertified",
    "缺证销售",
    "result",
    "What was sold in the last year in markets that ask for a certificate which the maker lacks or which has run out.",
    "近一年在要求认证的市场中，生产企业缺证或证书到期的销售。",
    (
        Column("maker", "生产企业", TEXT, "Making firm.", "生产企业。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True),
        Column("revenue", "销售额", NUMBER, "Revenue of it.", "销售额。", "money", required=True, low=0),
    ),
    ("maker", "sku", "market"),
)  # fmt: skip

DIAGNOSED_MARKET: tuple[Table, ...] = (
    DIAGNOSIS_PRODUCTS, DIAGNOSIS_GROUPS, DIAGNOSIS_OVERLAP, DIAGNOSIS_NEWNESS,
    DIAGNOSIS_DATA, DIAGNOSIS_NODES, DIAGNOSIS_BULLWHIP, DIAGNOSIS_SPILLOVER, DIAGNOSIS_OUTSIDE,
    DIAGNOSIS_LANES, DIAGNOSIS_PROMOTION, DIAGNOSIS_QUALITY, DIAGNOSIS_UNCERTIFIED,
)  # fmt: skip
