"""How good forecasts were: by class, part and series, and what sharing data is worth."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, SELLER, SKU

TEXT, INTEGER, NUMBER = Kind.TEXT, Kind.INTEGER, Kind.NUMBER

ACCURACY = Table(
    "accuracy",
    "预测精度",
    "result",
    "Rolling-origin error of the forecasts.",
    "滚动起点的预测误差。",
    (
        Column("basis", "数据基础", TEXT, "own:<owner> or shared.", "own:<所有者> 或 shared。", required=True),
        Column(
            "level", "层级", TEXT, "Series, family or product forecasts.", "序列、产品族或产品层级。", required=True
        ),
        Column("model", "模型", TEXT, "Model.", "模型。", required=True),
        Column("series", "序列数", INTEGER, "Series it was scored on.", "参与评分的序列数。", required=True, low=0),
        Column("chosen", "选用数", INTEGER, "Series it was chosen for.", "选用该模型的序列数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine quantiles, scaled by the naive error.",
            "九个分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
        ),
        Column("rmsse", "RMSSE", NUMBER, "Root mean squared scaled error.", "均方根缩放误差。", "ratio"),
        Column("bias", "偏差", NUMBER, "Mean error over mean demand.", "平均误差与平均需求之比。", "share"),
        Column(
            "coverage80",
            "80% 覆盖率",
            NUMBER,
            "Share of actuals inside the 80 % interval.",
            "实际值落入 80% 区间的比例。",
            "share",
        ),
    ),
    ("basis", "level", "model"),
)

ACCURACY_PARTS = Table(
    "accuracy_parts",
    "分项预测精度",
    "result",
    "Rolling-origin error of the forecasts as they are given: all, by class, market and weeks ahead.",
    "预测（按最终给出的形式）的滚动起点误差：总体，及按类别、市场、预测步长。",
    (
        Column("basis", "数据基础", TEXT, "own:<owner> or shared.", "own:<所有者> 或 shared。", required=True),
        Column(
            "by",
            "分组方式",
            TEXT,
            "What the forecasts have in common.",
            "分组依据。",
            required=True,
            choices=("all", "class", "market", "ahead"),
        ),
        Column(
            "name",
            "名称",
            TEXT,
            "Class as known at the origin, market or weeks ahead; blank for all.",
            "类别（按起点当时所知）、市场或步长；总体留空。",
        ),
        Column("series", "序列数", INTEGER, "Series scored.", "参与评分的序列数。", required=True, low=0),
        Column("weeks", "周数", INTEGER, "Weeks of them scored.", "参与评分的序列周数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine deciles, scaled by the naive error.",
            "九个十分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
        ),
        Column("rmsse", "RMSSE", NUMBER, "Root mean squared scaled error.", "均方根缩放误差。", "ratio"),
        Column(
            "wrmsse", "WRMSSE", NUMBER, "The same, series weighed by what they sold.", "按销量加权的 RMSSE。", "ratio"
        ),
        Column(
            "vn1",
            "VN1",
            NUMBER,
            "Absolute error and size of the summed error, over demand.",
            "绝对误差与总误差之和，除以需求。",
            "ratio",
        ),
        Column("bias", "偏差", NUMBER, "Summed error over summed demand.", "总误差与总需求之比。", "share"),
        Column(
            "coverage80",
            "80% 覆盖率",
            NUMBER,
            "Share of actuals inside the 80 % interval, by the randomised transform.",
            "实际值落入 80% 区间的比例（随机化变换）。",
            "share",
        ),
        Column(
            "coverage80_raw",
            "80% 覆盖率（直接）",
            NUMBER,
            "The same as it stands, zero weeks counted whole.",
            "直接统计的比例，零值周全数计入。",
            "share",
        ),
        Column(
            "against_naive",
            "相对季节朴素",
            NUMBER,
            "Pinball loss over that of the seasonal naive model.",
            "分位损失与季节朴素模型之比。",
            "ratio",
        ),
        Column(
            "against_best",
            "相对最佳单模型",
            NUMBER,
            "Pinball loss over that of the best single model in hindsight.",
            "分位损失与事后最佳单一模型之比。",
            "ratio",
        ),
        Column("best", "最佳单模型", TEXT, "That model.", "事后最佳单一模型。"),
    ),
    ("basis", "by", "name"),
)

ACCURACY_SERIES = Table(
    "accuracy_series",
    "各序列预测精度",
    "result",
    "Rolling-origin error of each series, on the shared basis.",
    "各序列的滚动起点误差（共享数据基础）。",
    (
        SKU,
        MARKET,
        SELLER,
        Column(
            "class",
            "类别",
            TEXT,
            "smooth, intermittent, erratic, lumpy or sparse.",
            "平稳、间歇、波动、块状或稀疏。",
            required=True,
        ),
        Column("weeks", "周数", INTEGER, "Weeks scored.", "参与评分的周数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine deciles, scaled by the naive error.",
            "九个十分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
            required=True,
        ),
        Column("bias", "偏差", NUMBER, "Summed error over summed demand.", "总误差与总需求之比。", "share"),
        Column(
            "against_naive",
            "相对季节朴素",
            NUMBER,
            "Pinball loss over that of the seasonal naive model.",
            "分位损失与季节朴素模型之比。",
            "ratio",
        ),
    ),
    ("sku", "market", "seller"),
)

ACCURACY_SHARING = Table(
    "accuracy_sharing",
    "数据共享的精度收益",
    "result",
    "How much less forecasts err when they are made from everybody's rows.",
    "使用全体数据时预测误差的降低幅度。",
    (
        Column("owner", "所有者", TEXT, "Owner; blank: all.", "所有者；空白表示全体。"),
        Column(
            "series",
            "序列数",
            INTEGER,
            "Series scored on both bases.",
            "两种基础上均评分的序列数。",
            required=True,
            low=0,
        ),
        Column(
            "own",
            "自有数据损失",
            NUMBER,
            "Scaled pinball loss from own rows.",
            "自有数据的分位损失。",
            "ratio",
            required=True,
        ),
        Column(
            "shared",
            "共享数据损失",
            NUMBER,
            "Scaled pinball loss from everybody's rows.",
            "共享数据的分位损失。",
            "ratio",
            required=True,
        ),
        Column(
            "gain",
            "收益",
            NUMBER,
            "Share of the loss that sharing takes away.",
            "共享减少的损失比例。",
            "share",
            required=True,
        ),
        Column(
            "gain_low",
            "收益下限",
            NUMBER,
            "Lower end of its 95 % interval (paired bootstrap over series).",
            "95% 区间下限（按序列成对自助法）。",
            "share",
            required=True,
        ),
        Column("gain_high", "收益上限", NUMBER, "Upper end.", "95% 区间上限。", "share", required=True),
    ),
    ("owner",),
)
